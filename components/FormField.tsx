import type { FieldError } from "@/lib/domain/errors.ts";
import { AlertIcon } from "@/components/icons.tsx";

export interface FormFieldProps {
  /** The name in the form, and the path that errors call it by. */
  name: string;
  label: string;
  errors: FieldError[];
  type?: "text" | "email" | "password";
  /** What was typed before; never a password. */
  value?: string;
  hint?: string;
  autocomplete: string;
  autofocus?: boolean;
}

/** A labelled input of a plain form, with its hint and what is wrong with it right below. */
export function FormField(props: FormFieldProps) {
  const { name, label, errors, hint } = props;
  const own = errors.filter((error) => error.path === name);
  const describedBy = [
    hint !== undefined && `${name}-hint`,
    own.length > 0 && `${name}-error`,
  ].filter((id) => id !== false).join(" ");
  return (
    <div class="grid gap-1.5">
      <label for={name} class="text-sm font-medium">{label}</label>
      <input
        id={name}
        name={name}
        // Preact's types know the roles of one type of input at a time.
        type={(props.type ?? "text") as "text"}
        value={props.value}
        required
        autofocus={props.autofocus}
        autocomplete={props.autocomplete}
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={own.length > 0 ? "true" : undefined}
        aria-describedby={describedBy || undefined}
        class="input h-10"
      />
      {hint !== undefined && (
        <p id={`${name}-hint`} class="text-xs text-muted">{hint}</p>
      )}
      {own.length > 0 && (
        <FieldMessage id={`${name}-error`} errors={own} label={label} />
      )}
    </div>
  );
}

/** What is wrong with one field. */
export function FieldMessage(
  { id, errors, label }: { id: string; errors: FieldError[]; label: string },
) {
  return (
    <p id={id} class="flex gap-1.5 text-xs text-off">
      <AlertIcon class="mt-px size-3.5" />
      <span>{errors.map((e) => readableMessage(e, label)).join("; ")}</span>
    </p>
  );
}

/** All that is wrong with a form, at its top: announced at once, each entry leads to its field. */
export function ErrorSummary(
  { errors, labels }: { errors: FieldError[]; labels: Record<string, string> },
) {
  if (errors.length === 0) return null;
  return (
    <div role="alert" class="callout callout-off">
      <AlertIcon class="mt-0.5 size-4" />
      <ul class="grid gap-1">
        {errors.map(({ path, message }) => {
          const label = labels[path];
          return (
            <li key={`${path} ${message}`} class="first-letter:uppercase">
              {label === undefined
                ? message
                : (
                  <a href={`#${path}`} class="underline underline-offset-2">
                    {readableMessage({ path, message }, label)}
                  </a>
                )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The message with the field's name as the form has it: the API says `confirmPassword`. */
export function readableMessage(
  { path, message }: FieldError,
  label: string,
): string {
  return message.startsWith(`${path} `)
    ? label + message.slice(path.length)
    : `${label}: ${message}`;
}

/** The field to start at: the first bad one, else the first. */
export function firstBadField(
  names: readonly string[],
  errors: FieldError[],
): string | undefined {
  return names.find((name) => errors.some((error) => error.path === name)) ??
    names[0];
}
