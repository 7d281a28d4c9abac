import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { showUrl, storedToken, storeToken } from '../browser/browser.js';
import { InspectorStore } from '../browser/inspector-store.js';
import { buildPageUrl, readPageUrl, tokenOfFragment } from '../model/page-url.js';
import { InspectorView } from './inspector.js';

/** Takes the token out of the URL, where it would end up in bookmarks and screenshots. */
function takeToken(): string | null {
  const token = tokenOfFragment(location.hash);
  if (token === null) return storedToken();
  storeToken(token);
  showUrl(buildPageUrl(readPageUrl(location.search)));
  return token;
}

/** The page: a view of one run of the server, begun anew for each token. */
export function InspectorApp(): JSX.Element {
  const [token, setToken] = useState(takeToken);
  // The URL of another run, pasted into this tab, differs in its fragment only: the browser loads nothing.
  useEffect(() => {
    const onFragment = (): void => {
      if (tokenOfFragment(location.hash) !== null) setToken(takeToken());
    };
    addEventListener('hashchange', onFragment);
    return () => removeEventListener('hashchange', onFragment);
  }, []);
  if (token === null) {
    return (
      <main class="guidance">
        <h1>This page needs the URL from the terminal</h1>
        <p>
          Open the URL that storewire printed. It ends in <code>#t=</code> and a token, which keeps out other pages and
          programs.
        </p>
      </main>
    );
  }
  return <Run key={token} token={token} />;
}

function Run({ token }: { readonly token: string }): JSX.Element {
  const [, setCount] = useState(0);
  const store = useMemo(
    () => new InspectorStore(token, readPageUrl(location.search), () => setCount((count) => count + 1)),
    [token],
  );
  useEffect(() => {
    const wake = (): void => store.wake();
    store.start();
    addEventListener('focus', wake);
    addEventListener('online', wake);
    return () => {
      removeEventListener('focus', wake);
      removeEventListener('online', wake);
      store.stop();
    };
  }, [store]);
  return <InspectorView store={store} />;
}
