import assert from "node:assert/strict";
import {
  RegisterPage,
  type RegisterPageProps,
} from "@/components/pages/RegisterPage.tsx";
import { render, tag, textOf } from "@/tests/components/rendering.tsx";

function register(props: Partial<RegisterPageProps> = {}): string {
  return render(
    <RegisterPage
      values={{}}
      errors={[]}
      notice={null}
      registrationOpen
      {...props}
    />,
  );
}

Deno.test("RegisterPage: says what is wrong beside the field and in a summary that leads there", () => {
  const html = register({
    values: { username: "alice", email: "alice@" },
    errors: [
      { path: "email", message: "email must be an e-mail address" },
      {
        path: "confirmPassword",
        message: "confirmPassword must equal password",
      },
    ],
  });
  const summary = html.match(/<div role="alert".*?<\/div>/)?.[0] ?? "";
  assert.match(summary, /href="#email".*href="#confirmPassword"/);
  assert.equal(
    textOf(summary),
    "E-mail must be an e-mail address Confirm password must equal password",
  );
  const email = tag(html, "input", /name="email"/);
  assert.match(email, /aria-invalid="true"/);
  assert.match(email, /aria-describedby="email-error"/);
  assert.match(email, /value="alice@"/);
  assert.match(email, /autofocus/);
  const beside = html.match(/<p id="email-error".*?<\/p>/)?.[0] ?? "";
  assert.equal(textOf(beside), "E-mail must be an e-mail address");
  assert.match(tag(html, "input", /name="username"/), /value="alice"/);
  assert.doesNotMatch(
    tag(html, "input", /name="username"/),
    /aria-invalid|autofocus/,
  );
});

Deno.test("RegisterPage: a message that does not name the field gets its label", () => {
  const html = register({
    errors: [{ path: "username", message: "this name is taken" }],
  });
  const beside = html.match(/<p id="username-error".*?<\/p>/)?.[0] ?? "";
  assert.equal(textOf(beside), "Username: this name is taken");
});

Deno.test("RegisterPage: tells the password's rule before one breaks it, and fills in none", () => {
  const html = register();
  const password = tag(html, "input", /name="password"/);
  assert.match(password, /aria-describedby="password-hint"/);
  assert.match(password, /autocomplete="new-password"/);
  assert.doesNotMatch(password, /value=/);
  assert.match(html, /At least 6 characters, at most 72 bytes/);
});

Deno.test("RegisterPage: has no form where registration is closed", () => {
  const html = register({ registrationOpen: false });
  assert.doesNotMatch(html, /<form/);
  assert.match(html, /Registration is closed/);
});
