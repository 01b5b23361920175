import { DialArt, Logo } from "@/components/Logo.tsx";

export interface ErrorPageProps {
  status: number;
  title: string;
  detail: string;
}

/** What a person sees instead of a page that is missing, forbidden or broken. */
export function ErrorPage({ status, title, detail }: ErrorPageProps) {
  return (
    <div class="relative grid min-h-dvh grid-rows-[auto_1fr] overflow-clip">
      <header class="topbar px-5 py-4">
        <Logo />
      </header>
      <DialArt class="absolute -right-32 -bottom-40 size-[34rem] text-accent opacity-35" />
      <main class="relative flex flex-col justify-center gap-4 px-5 py-16 sm:px-[12vw]">
        <p class="font-mono text-sm text-muted">{status}</p>
        <h1 class="text-3xl font-semibold tracking-tight text-balance">
          {title}
        </h1>
        <p class="max-w-prose text-muted first-letter:uppercase">{detail}</p>
        <p class="mt-2">
          <a href="/" class="button button-primary h-10">
            Go to the dashboard
          </a>
        </p>
      </main>
    </div>
  );
}
