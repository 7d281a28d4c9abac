/**
 * A search for defects that is too long for the test suite: `npm run campaign -- NAME`. Each has a short form among the tests.
 * A file of `test/campaigns` exports one as `campaign`; its name is the name of the file.
 */
export interface Campaign {
  /** One line for the list of campaigns. */
  readonly summary: string;
  run(options: CampaignOptions): Promise<CampaignResult>;
}

export interface CampaignOptions {
  /** Decides everything random, so that a failure can be repeated. */
  readonly seed: number;
  /** Size of a full run in the campaign's own unit (rounds, cases), from `--rounds`; undefined: the campaign's default. */
  readonly rounds: number | undefined;
  /** True once the time from `--minutes` is over; a campaign asks between rounds and then reports what it has. */
  readonly isOver: () => boolean;
  /** Prints one line of progress. */
  readonly log: (line: string) => void;
}

export interface CampaignResult {
  /** What was done, for the report: cases, rounds, accepted, … */
  readonly figures: Readonly<Record<string, number | string>>;
  /** One line for each defect, with what is needed to repeat it. Any of them makes the run fail. */
  readonly failures: readonly string[];
}
