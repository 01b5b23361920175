import type { FieldError } from "@/lib/domain/errors.ts";
import type {
  MAX_PASSWORD_BYTES,
  MIN_PASSWORD_CHARACTERS,
} from "@/lib/contract/auth.ts";
import {
  ErrorSummary,
  firstBadField,
  FormField,
} from "@/components/FormField.tsx";
import { AuthLayout } from "@/components/pages/AuthLayout.tsx";

export interface RegisterPageProps {
  values: { username?: string; email?: string };
  /** A path is a field's name, or empty for what concerns the whole attempt. */
  errors: FieldError[];
  notice: string | null;
  registrationOpen: boolean;
}

const LABELS = {
  username: "Username",
  email: "E-mail",
  password: "Password",
  confirmPassword: "Confirm password",
};
const NAMES = ["username", "email", "password", "confirmPassword"] as const;

// The contract's numbers: the types fail to match when they change there.
const MIN_CHARACTERS: typeof MIN_PASSWORD_CHARACTERS = 6;
const MAX_BYTES: typeof MAX_PASSWORD_BYTES = 72;

/** The registration form, or word that it is closed; it works without scripts. */
export function RegisterPage(props: RegisterPageProps) {
  const { errors, notice, registrationOpen } = props;
  return (
    <AuthLayout title="Create an account">
      {notice !== null && (
        <p role="status" class="callout callout-accent">{notice}</p>
      )}
      <ErrorSummary errors={errors} labels={LABELS} />
      {registrationOpen
        ? <RegisterForm {...props} />
        : (
          <p class="callout callout-warn">
            Registration is closed on this server. Ask its operator for an
            account.
          </p>
        )}
      <p class="text-sm text-muted">
        Have an account? <a href="/login" class="link">Log in</a>
      </p>
    </AuthLayout>
  );
}

function RegisterForm({ values, errors }: RegisterPageProps) {
  const focused = firstBadField(NAMES, errors);
  return (
    <form method="post" action="/register" noValidate class="grid gap-5">
      <FormField
        name="username"
        label={LABELS.username}
        errors={errors}
        value={values.username}
        autocomplete="username"
        autofocus={focused === "username"}
      />
      <FormField
        name="email"
        label={LABELS.email}
        type="email"
        errors={errors}
        value={values.email}
        autocomplete="email"
        autofocus={focused === "email"}
      />
      <FormField
        name="password"
        label={LABELS.password}
        type="password"
        errors={errors}
        hint={`At least ${MIN_CHARACTERS} characters, at most ${MAX_BYTES} bytes`}
        autocomplete="new-password"
        autofocus={focused === "password"}
      />
      <FormField
        name="confirmPassword"
        label={LABELS.confirmPassword}
        type="password"
        errors={errors}
        autocomplete="new-password"
        autofocus={focused === "confirmPassword"}
      />
      <button type="submit" class="button button-primary h-10">
        Create account
      </button>
    </form>
  );
}
