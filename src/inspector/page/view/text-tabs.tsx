import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { InspectorDetail } from '../../wire.js';
import type { InspectorStore } from '../browser/inspector-store.js';
import { pictureWidth } from '../model/picture-width.js';
import { cutSummary } from '../model/summary-lines.js';
import { CopyButton } from './copy.js';

interface TabProps {
  readonly detail: InspectorDetail;
}

/** The words of `decode` or `verify`. A long value goes on below its own beginning. */
export function SummaryTab({ detail }: TabProps): JSX.Element {
  return (
    <div class="summary">
      {cutSummary(detail.summary).map((line, index) => {
        if (line.kind !== 'field') {
          const indent = /^ */.exec(line.text)?.[0].length ?? 0;
          return (
            <p key={index} class={line.kind} style={{ paddingLeft: `${indent}ch`, textIndent: `-${indent}ch` }}>
              {line.text || '\u200b'}
            </p>
          );
        }
        const margin = line.label.length + line.gap.length;
        return (
          <p key={index} style={{ paddingLeft: `${margin}ch`, textIndent: `-${margin}ch` }}>
            <span class="label">{line.label + line.gap}</span>
            {line.value}
          </p>
        );
      })}
    </div>
  );
}

/** The body as received, and each token with its header. */
export function RawTab({ store, detail }: TabProps & { readonly store: InspectorStore }): JSX.Element {
  const { body, curl, document } = detail;
  return (
    <>
      {body === null ? (
        <p class="nothing">No request body: only the decoded payload is known.</p>
      ) : (
        <TextBlock store={store} title="Request body" what="body" text={body} />
      )}
      {curl !== null && <TextBlock store={store} title="As a curl command" what="curl command" text={curl} />}
      {document.tokens.map((token) => (
        <TextBlock
          key={token.path}
          store={store}
          title={`Header of ${token.path}`}
          what="header"
          text={JSON.stringify(token.header, null, 2)}
        />
      ))}
    </>
  );
}

interface TextBlockProps {
  readonly store: InspectorStore;
  readonly title: string;
  readonly what: string;
  readonly text: string;
}

function TextBlock({ store, title, what, text }: TextBlockProps): JSX.Element {
  return (
    <section class="block">
      <h3>
        {title} <CopyButton store={store} what={what} text={text} />
      </h3>
      <pre>{text}</pre>
    </section>
  );
}

/**
 * The picture of the purchase, drawn by the server. As an image it can neither run a script nor load anything. `version` changes when
 * there may be more to draw: browsers keep an image of the same URL.
 */
export function TimelineTab({ detail, version }: TabProps & { readonly version: number }): JSX.Element {
  const { timelineUrl, purchaseId } = detail;
  const [failed, setFailed] = useState('');
  const [width] = useState(() => pictureWidth(document.querySelector('.detail')?.clientWidth ?? 0));
  if (timelineUrl === null || !timelineUrl.startsWith('/api/')) {
    return <p class="nothing">This notification belongs to no purchase, so it has no timeline.</p>;
  }
  // Drawn as wide as there is room, so that its letters are as large as the others.
  const src = `${timelineUrl}&v=${version}&w=${width}`;
  if (failed === src) return <p class="nothing">The timeline could not be drawn.</p>;
  return <img class="timeline" src={src} alt={`Timeline of purchase ${purchaseId}`} onError={() => setFailed(src)} />;
}
