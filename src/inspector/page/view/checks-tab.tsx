import type { JSX } from 'preact';
import type { Check } from '../../../notification/document.js';
import type { InspectorDetail } from '../../wire.js';
import { type CheckOutcome, describeCheckTotals, groupChecks, outcomeOfCheck } from '../model/check-groups.js';
import type { Tone } from '../model/formats.js';

const TONES: Readonly<Record<CheckOutcome, Tone>> = {
  failed: 'bad',
  undetermined: 'unsure',
  passed: 'good',
  skipped: 'quiet',
};

/** Every check of every token; one that failed says what it expected, what it found, and the fix. */
export function ChecksTab({ detail }: { readonly detail: InspectorDetail }): JSX.Element {
  const { verification, problems = [] } = detail.document;
  return (
    <>
      {problems.map(({ token, message, hint }) => (
        <p key={token} class="failure">
          <strong>{`${token}: ${message}`}</strong>
          {hint !== undefined && <span>{hint}</span>}
        </p>
      ))}
      {verification === undefined ? (
        <p class="nothing">Not verified: no check was made.</p>
      ) : (
        <>
          <p class="totals">{describeCheckTotals(verification.checks)}</p>
          {groupChecks(verification.checks).map(({ token, checks }) => (
            <section key={token} class="block">
              <h3>{token}</h3>
              <ul class="checks">
                {checks.map((check) => (
                  <CheckRow key={check.id} check={check} />
                ))}
              </ul>
            </section>
          ))}
        </>
      )}
    </>
  );
}

function CheckRow({ check }: { readonly check: Check }): JSX.Element {
  const outcome = outcomeOfCheck(check);
  const isExplained = outcome === 'failed' || outcome === 'undetermined';
  return (
    <li class={outcome}>
      <span class={`verdict ${TONES[outcome]}`}>{outcome}</span>
      <code>{check.id}</code>
      <span class="found">{isExplained ? (check.reason ?? '') : (check.found ?? check.detail ?? '')}</span>
      {isExplained && (
        <dl>
          <Term name="Expected" text={check.expected} />
          <Term name="Found" text={check.found} />
          <Term name="Detail" text={check.detail} />
          <Term name="Hint" text={check.hint} />
        </dl>
      )}
    </li>
  );
}

function Term({ name, text }: { readonly name: string; readonly text: string | undefined }): JSX.Element | null {
  if (text === undefined || text === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}
