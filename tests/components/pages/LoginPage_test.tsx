import assert from "node:assert/strict";
import {
  LoginPage,
  type LoginPageProps,
} from "@/components/pages/LoginPage.tsx";
import { render, tag, textOf } from "@/tests/components/rendering.tsx";
import { HOSTILE } from "@/tests/components/views.ts";

function login(props: Partial<LoginPageProps> = {}): string {
  return render(
    <LoginPage
      values={{}}
      errors={[]}
      notice={null}
      next="/dashboard?q=a"
      registrationOpen
      {...props}
    />,
  );
}

Deno.test("LoginPage: is a plain POST form that carries where to go on", () => {
  const html = login();
  assert.match(tag(html, "form", /method="post"/), /action="\/login"/);
  assert.match(tag(html, "input", /name="next"/), /value="\/dashboard\?q=a"/);
  assert.match(
    tag(html, "input", /name="username"/),
    /autofocus.*autocomplete="username"/,
  );
  const password = tag(html, "input", /name="password"/);
  assert.match(password, /type="password".*autocomplete="current-password"/);
  assert.doesNotMatch(html, /<script|role="alert"|aria-invalid/);
});

Deno.test("LoginPage: an error of the whole attempt keeps the name and asks for the password", () => {
  const html = login({
    values: { username: "alice" },
    errors: [{ path: "", message: "the user name or the password is wrong" }],
  });
  assert.match(html, /role="alert".*the user name or the password is wrong/);
  assert.match(tag(html, "input", /name="username"/), /value="alice"/);
  assert.doesNotMatch(tag(html, "input", /name="username"/), /autofocus/);
  assert.match(tag(html, "input", /name="password"/), /autofocus/);
  assert.doesNotMatch(tag(html, "input", /name="password"/), /value=/);
});

Deno.test("LoginPage: offers the registration only where it is open", () => {
  assert.match(login(), /href="\/register"/);
  assert.doesNotMatch(login({ registrationOpen: false }), /\/register/);
});

Deno.test("LoginPage: a notice is no error", () => {
  const html = login({ notice: "Your session has ended." });
  assert.match(html, /role="status"[^>]*>Your session has ended\./);
  assert.doesNotMatch(html, /role="alert"/);
});

Deno.test("LoginPage: hostile input stays text", () => {
  const html = login({ values: { username: `">${HOSTILE}` }, next: HOSTILE });
  assert.doesNotMatch(html, /<img|<\/script/);
  assert.match(textOf(html), /Log in/);
});
