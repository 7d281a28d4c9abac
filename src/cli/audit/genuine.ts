import { type GenuineToken, openGenuine } from '../../endpoint/audit/genuine-token.js';
import { ToolError } from '../../errors.js';
import type { TrustedRoot } from '../../trust/roots.js';
import type { Claim } from '../input/claim.js';
import { parseClaims } from '../input/claims.js';
import { type ReadDeps, readInput } from '../input/read.js';

/** More are not needed, and a whole archive would take long to read. */
const MOST_TOKENS = 200;

/**
 * The genuine tokens of the files given, nested ones too. Throws `ERR_AUDIT_GENUINE` (usage) for what none of `roots` signed: it would
 * be one forgery more and prove nothing; and what `readInput` throws.
 */
export async function readGenuine(
  inputs: readonly string[],
  roots: readonly TrustedRoot[],
  nowMs: number,
  deps: ReadDeps,
): Promise<readonly GenuineToken[]> {
  const tokens: GenuineToken[] = [];
  if (inputs.length === 0) return tokens;
  for await (const batch of readInput(inputs, deps)) {
    for (const claim of batch.units.flatMap((unit) => parseClaims(batch, unit))) {
      tokens.push(...open(claim, roots, nowMs));
      if (tokens.length >= MOST_TOKENS) return tokens;
    }
  }
  if (tokens.length === 0) throw notGenuine(inputs.join(', '), 'no token was found');
  return tokens;
}

function open(claim: Claim, roots: readonly TrustedRoot[], nowMs: number): readonly GenuineToken[] {
  if (claim.type !== 'token') throw notGenuine(claim.source, 'it is no token');
  const opened = openGenuine(claim.text, claim.source, roots, nowMs);
  if (typeof opened === 'string') throw notGenuine(claim.source, opened);
  return opened;
}

function notGenuine(source: string, why: string): ToolError {
  return new ToolError('usage', 'ERR_AUDIT_GENUINE', `--genuine ${source} cannot be shown to be Apple's: ${why}`, {
    hint: 'Give what the App Store signed, such as transactions of your own devices; storewire verify FILE tells more.',
  });
}
