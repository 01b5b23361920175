import type { ComponentChildren } from "preact";

/** Names and values of a query string, in order. */
export type QueryFields = readonly (readonly [name: string, value: string])[];

/** A form that only leads to another view of the page: a link with the looks of a button, also without scripts. */
export function GetForm(
  { fields, onSubmit, class: className, children }: {
    fields: QueryFields;
    /** Instead of loading the page anew. */
    onSubmit: () => void;
    class?: string;
    children: ComponentChildren;
  },
) {
  return (
    <form
      method="get"
      action="/dashboard"
      class={className}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <HiddenFields fields={fields} />
      {children}
    </form>
  );
}

export function HiddenFields({ fields }: { fields: QueryFields }) {
  return (
    <>
      {fields.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
