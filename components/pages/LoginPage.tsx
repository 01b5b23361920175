import type { FieldError } from "@/lib/domain/errors.ts";
import {
  ErrorSummary,
  firstBadField,
  FormField,
} from "@/components/FormField.tsx";
import { AuthLayout } from "@/components/pages/AuthLayout.tsx";

export interface LoginPageProps {
  values: { username?: string };
  /** A path is a field's name, or empty for what concerns the whole attempt. */
  errors: FieldError[];
  /** Something to know that is no error, such as why one was logged out. */
  notice: string | null;
  /** The path to go on to after the login. */
  next: string;
  registrationOpen: boolean;
}

const LABELS = { username: "Username", password: "Password" };

/** The login form; it works without scripts. */
export function LoginPage(props: LoginPageProps) {
  const { values, errors, notice, next, registrationOpen } = props;
  const focused = values.username && errors.every((e) => e.path !== "username")
    ? "password"
    : firstBadField(["username", "password"], errors);
  return (
    <AuthLayout title="Log in">
      {notice !== null && (
        <p role="status" class="callout callout-accent">{notice}</p>
      )}
      <ErrorSummary errors={errors} labels={LABELS} />
      <form method="post" action="/login" noValidate class="grid gap-5">
        <input type="hidden" name="next" value={next} />
        <FormField
          name="username"
          label={LABELS.username}
          errors={errors}
          value={values.username}
          autocomplete="username"
          autofocus={focused === "username"}
        />
        <FormField
          name="password"
          label={LABELS.password}
          type="password"
          errors={errors}
          autocomplete="current-password"
          autofocus={focused === "password"}
        />
        <button type="submit" class="button button-primary h-10">Log in</button>
      </form>
      {registrationOpen && (
        <p class="text-sm text-muted">
          No account yet? <a href="/register" class="link">Register</a>
        </p>
      )}
    </AuthLayout>
  );
}
