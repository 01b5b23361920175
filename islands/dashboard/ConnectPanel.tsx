import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { CheckIcon, CopyIcon } from "@/components/icons.tsx";
import {
  AGENT_WAYS,
  type AgentWay,
  connectCommand,
} from "@/islands/dashboard/connect_command.ts";

export interface ConnectPanelProps {
  serverUrl: string;
  /** Makes a token for the command. */
  renewToken: () => Promise<string>;
}

const DEFAULT_DEVICE_NAME = "meter-1";

/** The ready-made command that connects a device to this server. */
export function ConnectPanel({ serverUrl, renewToken }: ConnectPanelProps) {
  const token = useSignal<string | null>(null);
  const failed = useSignal(false);
  const way = useSignal<AgentWay>("deno");
  const deviceName = useSignal(DEFAULT_DEVICE_NAME);

  const load = () => {
    failed.value = false;
    renewToken().then(
      (fresh) => token.value = fresh,
      () => failed.value = true,
    );
  };
  useEffect(load, []);

  return (
    <div class="grid gap-4">
      <div class="grid gap-1.5">
        <label for="connect-name" class="text-sm font-medium">
          Device name
        </label>
        <input
          id="connect-name"
          class="input h-9 max-w-72"
          value={deviceName.value}
          maxLength={128}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => deviceName.value = event.currentTarget.value}
        />
      </div>
      <fieldset class="segments">
        <legend class="sr-only">How to connect</legend>
        {Object.entries(AGENT_WAYS).map(([key, { label }]) => (
          <label key={key}>
            <input
              type="radio"
              name="connect-way"
              class="sr-only"
              checked={way.value === key}
              onChange={() => way.value = key as AgentWay}
            />
            {label}
          </label>
        ))}
      </fieldset>
      {failed.value
        ? (
          <p role="alert" class="callout callout-off">
            <span>
              The server gave no token.{" "}
              <button type="button" class="link" onClick={load}>
                Try again
              </button>
            </span>
          </p>
        )
        : (
          <Command
            text={token.value === null ? null : connectCommand(way.value, {
              serverUrl,
              token: token.value,
              deviceName: deviceName.value.trim() || DEFAULT_DEVICE_NAME,
            })}
          />
        )}
      <p class="text-xs text-muted">
        {AGENT_WAYS[way.value].hint}{" "}
        The token may only report, for your account.
      </p>
    </div>
  );
}

function Command({ text }: { text: string | null }) {
  const code = useRef<HTMLElement>(null);
  const copied = useSignal<string | null>(null);
  const isCopied = text !== null && copied.value === text;
  const copy = async () => {
    if (text === null || !code.current) return;
    if (await copyText(text, code.current)) copied.value = text;
  };
  return (
    <div class="command">
      <pre
        tabIndex={0}
        aria-label="Command"
      ><code ref={code}>{text ?? "Getting a token…"}</code></pre>
      <button
        type="button"
        class="button button-primary h-9"
        disabled={text === null}
        onClick={copy}
      >
        {isCopied ? <CheckIcon /> : <CopyIcon />}
        {isCopied ? "Copied" : "Copy"}
      </button>
      <span role="status" class="sr-only">
        {isCopied && "The command is in the clipboard"}
      </span>
    </div>
  );
}

/** Copies a text that the page shows. Plain HTTP has no clipboard API, so the selection serves there. */
async function copyText(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}
