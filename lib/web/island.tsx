import {
  type ComponentType,
  createContext,
  type FunctionComponent,
} from "preact";
import { useContext } from "preact/hooks";

/** What survives JSON: an island's props hold no functions, dates, signals or elements. */
export type Wire<T> = T extends string | number | boolean | null | undefined ? T
  : T extends (...args: never[]) => unknown ? never
  : T extends object ? { [K in keyof T]: Wire<T[K]> }
  : never;

/** The names of the islands that a page has rendered; null within an island. */
export const IslandContext = createContext<Set<string> | null>(null);

/** JSON that is safe as the text of a `<script>`: a raw "<" could end it ("</script>") or hide its end ("<!--"). */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/**
 * Makes an island of a component: a part of a page that the browser hydrates. `name` is the name of
 * the component's file under islands/, from where islands/client.ts loads it. On a page the island
 * renders with its props as JSON beside it; within another island it is the bare component.
 */
export function island<P extends object>(
  name: string,
  Component: ComponentType<P>,
): FunctionComponent<P & Wire<P>> {
  return function Island(props) {
    const rendered = useContext(IslandContext);
    if (!rendered) return <Component {...props} />;
    rendered.add(name);
    return (
      <>
        <div data-island={name}>
          <IslandContext.Provider value={null}>
            <Component {...props} />
          </IslandContext.Provider>
        </div>
        <script
          type="application/json"
          // deno-lint-ignore react-no-danger -- the browser reads a script's text unescaped; scriptJson makes it safe
          dangerouslySetInnerHTML={{ __html: scriptJson(props) }}
        />
      </>
    );
  };
}
