import type { ComponentChildren } from "preact";
import { DialArt, Logo } from "@/components/Logo.tsx";

/** The frame of the pages before the dashboard: the product on one side, one form on the other. */
export function AuthLayout(
  { title, children }: { title: string; children: ComponentChildren },
) {
  return (
    <div class="grid min-h-dvh grid-rows-[auto_1fr] lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)] lg:grid-rows-1">
      <header class="topbar relative flex flex-col overflow-clip px-5 py-4 lg:px-12 lg:py-10">
        <Logo />
        <div class="hidden flex-1 flex-col justify-end gap-3 lg:flex">
          <DialArt class="absolute -right-40 top-1/2 size-[34rem] -translate-y-[58%] text-bar-muted opacity-60" />
          <p class="relative max-w-[17ch] text-3xl leading-tight font-semibold tracking-tight text-balance">
            Which meters are alive, and whom do they talk to?
          </p>
          <p class="relative max-w-[46ch] text-bar-muted">
            Every connection of every device in your fleet: where it goes, how
            much it carries, and which program opened it.
          </p>
        </div>
      </header>
      <main class="flex items-start justify-center px-5 py-10 sm:items-center">
        <div class="grid w-full max-w-sm gap-6">
          <h1 class="text-2xl font-semibold tracking-tight">{title}</h1>
          {children}
        </div>
      </main>
    </div>
  );
}
