/** The shells that can be completed in. Apart from their scripts, so that help need not load those. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export type Shell = (typeof SHELLS)[number];
