import type { AuditReport, ForgeryAttempt } from '../../audit/report.js';

const SEVERITIES = ['critical', 'high', 'medium'] as const;

/** The accepted forgeries, most severe first, otherwise in the order sent. */
export function findingsOf({ attempts }: Pick<AuditReport, 'attempts'>): readonly ForgeryAttempt[] {
  return attempts
    .filter(({ believed }) => believed === true)
    .sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}

/** Findings with the same impact and fix are explained once, most severe first. */
export function groupFindings(findings: readonly ForgeryAttempt[]): readonly (readonly ForgeryAttempt[])[] {
  const groups = new Map<string, ForgeryAttempt[]>();
  for (const finding of findingsOf({ attempts: findings })) {
    const { severity, impact, fix } = finding;
    const key = [severity, impact, fix].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}
