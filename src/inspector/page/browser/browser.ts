/** What the page takes from the browser; the rest of it is given these and runs without one. */

const TOKEN_KEY = 'storewire.token';

export function nowMs(): number {
  return Date.now();
}

/** Calls `run` once, `ms` later; the function returned cancels it. */
export function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** A request to the server of the page, and to no other: `path` begins with one slash. */
export function requestOwn(path: `/${string}`, init: RequestInit): Promise<Response> {
  return fetch(path, { ...init, cache: 'no-store', credentials: 'omit', redirect: 'error' });
}

/** Kept for the tab: a reload shows the page again, another tab or a later day does not. */
export function storedToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY);
}

export function storeToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

/** Shows another path and query without a fragment, which is where the token came in. */
export function showUrl(url: string): void {
  history.replaceState(null, '', url);
}

/** False where the browser refuses the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Refused without focus, or by a policy: the caller shows the text instead.
    return false;
  }
}
