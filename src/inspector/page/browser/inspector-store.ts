import type { InspectorDetail, InspectorEvent, InspectorPage, InspectorSetup, TriggerCommand } from '../../wire.js';
import type { TabName } from '../model/keys.js';
import { buildPageUrl, type PageUrlState } from '../model/page-url.js';
import type { CacheChange } from '../model/row-cache.js';
import { ApiClient, ApiError } from './api.js';
import { later, showUrl } from './browser.js';
import { EventFeed } from './event-feed.js';
import { RowLoader } from './row-loader.js';

/** A failure as the page shows it. */
export interface ShownFailure {
  readonly message: string;
  readonly hint: string;
}

export type DialogName = 'help' | 'replay' | 'edit';

export interface PageState {
  /** `lost`: connecting again by itself. `refused`: another token is needed. */
  readonly connection: 'connecting' | 'live' | 'lost' | 'refused';
  readonly setup: InspectorSetup | null;
  readonly query: string;
  /** Why the rows could not be read. */
  readonly listFailure: ShownFailure | null;
  /** Counts replies and live changes: the rows themselves stand in {@link InspectorStore.rows}. */
  readonly version: number;
  /** Rows added on top since the list was last replaced, so that a scrolled list can stay where it is. */
  readonly added: number;
  readonly selectedId: string | null;
  readonly tab: TabName;
  /** Of the selected notification; the former one until the next has arrived. */
  readonly detail: InspectorDetail | null;
  readonly detailFailure: ShownFailure | null;
  readonly dialog: DialogName | null;
  readonly notice: { readonly text: string; readonly isError: boolean } | null;
  readonly isSending: boolean;
}

const NOTICE_MS = 6_000;
const URL_MS = 150;

/** State of the page, and everything that changes it. */
export class InspectorStore {
  readonly api: ApiClient;
  readonly #loader: RowLoader;
  readonly #feed: EventFeed;
  readonly #onChange: () => void;
  #state: PageState;
  #newestPosition = -1;
  #isFollowing = false;
  #awaitedUuid: string | null = null;
  /** Index of a row to select once it is loaded. */
  #awaitedIndex: number | null = null;
  #cancelNotice: () => void = () => {};
  #cancelUrl: () => void = () => {};

  constructor(token: string, url: PageUrlState, onChange: () => void) {
    this.#onChange = onChange;
    this.#state = {
      ...url,
      connection: 'connecting',
      setup: null,
      listFailure: null,
      version: 0,
      added: 0,
      detail: null,
      detailFailure: null,
      dialog: null,
      notice: null,
      isSending: false,
    };
    this.api = new ApiClient(token);
    this.#loader = new RowLoader(this.api, {
      onLoaded: (page, change) => this.#takePage(page, change),
      onFailed: (error) => {
        this.#takeFailure(error, 'listFailure');
        this.#follow(null);
      },
    });
    this.#feed = new EventFeed(this.api, {
      onEvent: (event) => this.#takeEvent(event),
      onOpen: (isGapless) => this.#takeOpen(isGapless),
      onLost: () => this.#set({ connection: 'lost' }),
      onRefused: () => this.#set({ connection: 'refused' }),
    });
  }

  get state(): PageState {
    return this.#state;
  }

  get rows(): RowLoader['rows'] {
    return this.#loader.rows;
  }

  /** The detail of the selected row; null while that of the former is still shown. Actions are for this one only. */
  get selected(): InspectorDetail | null {
    const { detail, selectedId } = this.#state;
    return detail?.row.id === selectedId ? detail : null;
  }

  start(): void {
    this.#loader.filter(this.#state.query);
    if (this.#state.selectedId !== null) void this.#readDetail(this.#state.selectedId);
  }

  stop(): void {
    this.#loader.stop();
    this.#feed.stop();
    this.#cancelNotice();
    this.#cancelUrl();
  }

  /** The tab is looked at again: a lost connection is tried at once. */
  wake(): void {
    if (this.#state.connection === 'lost') this.#feed.hurry();
  }

  want(start: number, end: number): void {
    this.#loader.want(start, end);
  }

  filter(query: string): void {
    this.#set({ query, added: 0 });
    this.#loader.filter(query);
    this.#writeUrl();
  }

  select(id: string | null): void {
    if (id === this.#state.selectedId) return;
    this.#awaitedUuid = null;
    this.#set({ selectedId: id, detailFailure: null, ...(id === null ? { detail: null } : {}) });
    this.#writeUrl();
    if (id !== null) void this.#readDetail(id);
  }

  /** Selects the row that is `by` rows further down. */
  move(by: number): void {
    const current = this.#state.selectedId === null ? undefined : this.rows.indexOf(this.#state.selectedId);
    this.selectIndex(current === undefined ? 0 : current + by);
  }

  selectIndex(index: number): void {
    const clamped = Math.max(0, Math.min(index, this.rows.total - 1));
    const row = this.rows.rowAt(clamped);
    this.#awaitedIndex = row === undefined ? clamped : null;
    if (row !== undefined) this.select(row.id);
    else this.#loader.want(clamped, clamped + 1);
  }

  showTab(tab: TabName): void {
    this.#set({ tab });
    this.#writeUrl();
  }

  open(dialog: DialogName | null): void {
    this.#set({ dialog });
  }

  notify(text: string, isError = false): void {
    this.#cancelNotice();
    this.#set({ notice: { text, isError } });
    this.#cancelNotice = later(NOTICE_MS, () => this.#set({ notice: null }));
  }

  /** Sends a sample or an edited notification, and selects it once it arrives. The failure, or null once it was accepted. */
  async trigger(command: TriggerCommand): Promise<ShownFailure | null> {
    this.#set({ isSending: true });
    try {
      const { httpStatus, uuid, message } = await this.api.trigger(command);
      if (httpStatus === null || httpStatus >= 300) return { message, hint: '' };
      this.#awaitedUuid = uuid;
      this.#selectAwaited();
      this.notify(message);
      return null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error;
    } finally {
      this.#set({ isSending: false });
    }
  }

  #set(patch: Partial<PageState>): void {
    this.#state = { ...this.#state, ...patch };
    this.#onChange();
  }

  #follow(lastEventId: string | null): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    void this.#feed.run(lastEventId);
  }

  #takePage({ rows, setup, eventId }: InspectorPage, { added, isReset }: CacheChange): void {
    for (const { position } of rows) this.#newestPosition = Math.max(this.#newestPosition, position);
    const { version, added: before } = this.#state;
    this.#set({ setup, listFailure: null, version: version + 1, added: isReset ? 0 : before + added });
    this.#selectAwaited();
    if (this.#awaitedIndex !== null) this.selectIndex(this.#awaitedIndex);
    this.#follow(eventId);
  }

  #takeFailure(error: ApiError, place: 'listFailure' | 'detailFailure'): void {
    this.#set(error.isRefused ? { connection: 'refused' } : { [place]: error });
  }

  #takeOpen(isGapless: boolean): void {
    this.#set({ connection: 'live' });
    if (isGapless) return;
    this.#loader.refresh();
    if (this.#state.selectedId !== null) void this.#readDetail(this.#state.selectedId);
  }

  #takeEvent(event: InspectorEvent): void {
    if (event.event === 'reset') {
      this.#newestPosition = -1;
      this.#loader.refresh();
      return;
    }
    const { row } = event;
    const isNew = row.position > this.#newestPosition;
    if (this.#loader.rows.update(row)) this.#set({ version: this.#state.version + 1 });
    // A filter can take in or let go a changed row, which only the server knows.
    if (isNew || this.#state.query !== '') this.#loader.refresh();
    if (row.id === this.#state.selectedId) void this.#readDetail(row.id);
  }

  #selectAwaited(): void {
    const uuid = this.#awaitedUuid;
    if (uuid === null) return;
    for (let index = 0; index < Math.min(this.rows.total, 100); index++) {
      const row = this.rows.rowAt(index);
      if (row?.uuid === uuid) {
        this.select(row.id);
        return;
      }
    }
  }

  async #readDetail(id: string): Promise<void> {
    try {
      const detail = await this.api.readDetail(id);
      if (id === this.#state.selectedId) this.#set({ detail, detailFailure: null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (id === this.#state.selectedId) this.#takeFailure(error, 'detailFailure');
    }
  }

  #writeUrl(): void {
    this.#cancelUrl();
    // Browsers refuse more than a few changes a second, which a held key makes.
    this.#cancelUrl = later(URL_MS, () => showUrl(buildPageUrl(this.#state)));
  }
}
