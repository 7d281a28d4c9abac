import { ToolError } from '../../errors.js';
import type { AppSettings } from '../../settings/resolve-app.js';
import type { Environment } from '../../settings/setting.js';
import type { LookupSubject } from './subject.js';

interface CommandFlags {
  readonly bundleId?: string;
  readonly profile?: string;
  readonly viaEmulator: boolean;
}

/** No environment that was asked knows the id. The hint is the next command, or what to check once none is left. */
export function unknownLookupId(
  subject: LookupSubject,
  environments: readonly Environment[],
  bundleId: AppSettings['bundleId'],
  flags: CommandFlags,
): Pick<ToolError, 'code' | 'message'> & { readonly hint: string } {
  const [first = 'production'] = environments;
  const isBoth = environments.length > 1;
  const where = isBoth ? 'neither production nor sandbox has' : `${first} has no`;
  const noun = subject.kind === 'order' ? 'order' : 'transaction';
  const message = `not found: ${where} ${isBoth ? `a ${noun}` : noun} ${subject.id} of ${bundleId?.value ?? 'this app'}`;
  const other = first === 'sandbox' ? 'production' : 'sandbox';
  const canBeElsewhere = !isBoth && !(subject.kind === 'order' && other === 'sandbox');
  const hint = canBeElsewhere ? `Try ${other}: ${lookupCommand(subject, other, flags)}` : CHECKS[subject.kind];
  return { code: 'ERR_LOOKUP_NOT_FOUND', message, hint };
}

const CHECKS: Readonly<Record<LookupSubject['kind'], string>> = {
  transaction:
    'Check the bundle id, and that the id is a transactionId or originalTransactionId: a webOrderLineItemId names no transaction.',
  order:
    'Check the bundle id, and the order id on the receipt of the customer: an order of another app or developer is not found.',
};

/** The same command for another environment, with the flags that name the app. */
function lookupCommand({ id }: LookupSubject, environment: Environment, flags: CommandFlags): string {
  const { bundleId, profile, viaEmulator } = flags;
  const words = [
    ...(viaEmulator ? ['--via-emulator'] : []),
    ...(isPlain(bundleId) ? [`--bundle-id ${bundleId}`] : []),
    ...(isPlain(profile) ? [`--profile ${profile}`] : []),
  ];
  return ['storewire lookup', id, `--environment ${environment}`, ...words].join(' ');
}

/** A word that needs no quotes in a shell. */
function isPlain(word: string | undefined): word is string {
  return word !== undefined && /^[\w.-]+$/.test(word);
}

/**
 * Throws usage `ERR_LOOKUP_ORDER_SANDBOX` for an order in the sandbox, which has none: its answer would say nothing about the order.
 * Source: Apple, "Look Up Order ID".
 */
export function refuseSandboxOrder(
  subject: LookupSubject,
  environments: readonly Environment[],
  flags: CommandFlags,
): void {
  if (subject.kind !== 'order' || !environments.includes('sandbox')) return;
  const message = `${subject.id} is an order id, and the sandbox has no orders`;
  throw new ToolError('usage', 'ERR_LOOKUP_ORDER_SANDBOX', message, {
    hint: `Orders are looked up in production: ${lookupCommand(subject, 'production', flags)}`,
  });
}
