import assert from "node:assert/strict";
import { DashboardPage } from "@/components/pages/DashboardPage.tsx";
import type { UserView } from "@/lib/contract/auth.ts";
import { render, tag, textOf } from "@/tests/components/rendering.tsx";
import { HOSTILE } from "@/tests/components/views.ts";

const page = (username: string, role: UserView["role"]) =>
  render(
    <DashboardPage
      user={{ id: "u1", username, email: "a@example.org", role }}
    >
      <main id="main">devices</main>
    </DashboardPage>,
  );

Deno.test("DashboardPage: frames its content with the user and the way out", () => {
  const html = page("alice", "user");
  assert.equal(
    textOf(html),
    "Skip to the devices Smart Meter Monitor alice Logout devices",
  );
  assert.match(tag(html, "form", /method="post"/), /action="\/logout"/);
});

Deno.test("DashboardPage: says who is the administrator", () => {
  assert.match(textOf(page("root", "administrator")), /root administrator/);
});

Deno.test("DashboardPage: a hostile user name stays text", () => {
  assert.doesNotMatch(page(HOSTILE, "user"), /<img|<\/script/);
});
