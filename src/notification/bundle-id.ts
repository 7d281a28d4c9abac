/** A bundle id with the team id before it, as provisioning profiles and TestFlight's build metadata show it. */
interface TeamPrefixed {
  readonly teamId: string;
  readonly bundleId: string;
}

/**
 * Splits `ABCDE12345.com.example.app`: a team id has ten capital letters or digits. Null for any other bundle id. Bundle ids may begin
 * alike, so this is a guess.
 */
export function teamPrefixOf(text: string): TeamPrefixed | null {
  const [, teamId, bundleId] = /^([A-Z0-9]{10})\.([A-Za-z0-9-]+\..+)$/.exec(text) ?? [];
  return teamId === undefined || bundleId === undefined ? null : { teamId, bundleId };
}

/** Why two bundle ids differ although they mean the same app; null if they are simply different. */
export function explainDifference(expected: string, found: string): string | null {
  if (expected.toLowerCase() === found.toLowerCase()) return 'they differ in letter case only, which counts';
  const [mine, theirs] = [teamPrefixOf(expected), teamPrefixOf(found)];
  if (mine?.bundleId === found) return `the expected one begins with what looks like a team id, ${mine.teamId}`;
  return theirs?.bundleId === expected ? `this one begins with what looks like a team id, ${theirs.teamId}` : null;
}
