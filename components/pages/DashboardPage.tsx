import type { ComponentChildren } from "preact";
import type { UserView } from "@/lib/contract/auth.ts";
import { Logo } from "@/components/Logo.tsx";

export interface DashboardPageProps {
  user: UserView;
  /** The dashboard's island; only a route may know islands, so it comes from there. */
  children: ComponentChildren;
}

/** The frame of the dashboard: whose it is and the way out, with the island below. */
export function DashboardPage({ user, children }: DashboardPageProps) {
  return (
    <>
      <a href="#main" class="skip-link">Skip to the devices</a>
      <header class="topbar">
        <div class="page-width flex h-14 items-center justify-between gap-4">
          <Logo />
          <div class="flex min-w-0 items-center gap-3 sm:gap-4">
            <span class="hidden min-w-0 text-sm text-bar-muted sm:flex sm:gap-2">
              <span class="truncate">{user.username}</span>
              {user.role === "administrator" && (
                <span class="border-l border-bar-line pl-2">administrator</span>
              )}
            </span>
            <form method="post" action="/logout">
              <button type="submit" class="button button-bar">Logout</button>
            </form>
          </div>
        </div>
      </header>
      {children}
    </>
  );
}
