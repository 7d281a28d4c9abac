import type { JSX } from 'preact';
import type { InspectorDetail } from '../../wire.js';
import { formatIsoTime, groupThousands } from '../model/formats.js';

/** What the sender was answered, each attempt at each target with the target's response, and Apple's own attempts where known. */
export function DeliveriesTab({ detail }: { readonly detail: InspectorDetail }): JSX.Element {
  const { document, responses, row } = detail;
  const { deliveries = [], sendAttempts = [] } = document;
  return (
    <>
      {row.answered !== null && (
        <p class="totals">
          The sender received <strong>{row.answered}</strong>.
        </p>
      )}
      {deliveries.length === 0 && <p class="nothing">Not forwarded to any target.</p>}
      {deliveries.length > 0 && (
        <ul class="deliveries">
          {deliveries.map((delivery, index) => (
            <li key={`${delivery.target} ${delivery.attempt} ${index}`}>
              <span class={`verdict ${delivery.outcome === 'accepted' ? 'good' : 'bad'}`}>
                {delivery.outcome.replace('-', ' ')}
              </span>
              <strong>{delivery.target}</strong>
              <span class="number">{delivery.httpStatus ?? 'no response'}</span>
              <span class="number">{groupThousands(Math.round(delivery.ms))} ms</span>
              <span class="number">attempt {delivery.attempt}</span>
              {responses[index] != null && <pre>{responses[index] || '(empty response)'}</pre>}
            </li>
          ))}
        </ul>
      )}
      {sendAttempts.length > 0 && (
        <section class="block">
          <h3>Attempts of Apple</h3>
          <ul class="deliveries">
            {sendAttempts.map(({ attemptDate, sendAttemptResult }) => (
              <li key={attemptDate}>
                <span class={`verdict ${sendAttemptResult === 'SUCCESS' ? 'good' : 'bad'}`}>{sendAttemptResult}</span>
                <span class="number">{formatIsoTime(attemptDate)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
