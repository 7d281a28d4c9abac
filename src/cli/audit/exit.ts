import type { AuditReport } from '../../endpoint/audit/report.js';
import { EXIT, type Exit } from '../exit.js';

/**
 * Safe is 0, unsafe 1. Without a verdict it is 4 where answers were missing, since the endpoint could not be asked, and 5 for everything
 * else: it was asked, and what it said decides nothing. So a script tells one from the other, and neither from a no.
 */
export function exitOfAudit({ verdict, doubt }: Pick<AuditReport, 'verdict' | 'doubt'>): Exit {
  if (verdict === 'safe') return EXIT.ok;
  if (verdict === 'unsafe') return EXIT.no;
  return doubt === 'unanswered' ? EXIT.remote : EXIT.pending;
}
