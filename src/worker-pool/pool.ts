/** A worker thread. It replies to requests in the order they were posted. */
export interface WorkerHandle {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The thread failed or ended: no more messages will come. The first call has the cause. */
  onError(listener: (error: Error) => void): void;
  stop(): Promise<void>;
}

/** Receives the reply to one request, or the error of a worker that died before it. Called once. */
export interface ReplyHandler<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** One worker of a pool and the requests it has not answered. */
export class Lane<Request, Reply> {
  readonly #worker: WorkerHandle;
  #pending: ReplyHandler<Reply>[] = [];

  constructor(worker: WorkerHandle, onDeath: (error: Error) => void) {
    this.#worker = worker;
    worker.onMessage((message) => this.#pending.shift()?.resolve(message as Reply));
    worker.onError(onDeath);
  }

  /** Requests without a reply. */
  get load(): number {
    return this.#pending.length;
  }

  /** Posts a message that has no reply. */
  post(message: Request): void {
    this.#worker.post(message, []);
  }

  request(message: Request, transfer: readonly ArrayBuffer[], handler: ReplyHandler<Reply>): void {
    this.#pending.push(handler);
    this.#worker.post(message, transfer);
  }

  /** Rejects the requests without a reply and ends the worker. */
  stop(error: Error): Promise<void> {
    for (const { reject } of this.#pending.splice(0)) reject(error);
    return this.#worker.stop();
  }
}

interface PoolOptions<Request> {
  readonly size: number;
  readonly startWorker: () => WorkerHandle;
  /** Posted to each worker before anything else, to replacements too. It has no reply. */
  readonly setup: Request;
}

/**
 * Worker threads side by side, all started at once. A worker that dies rejects its requests and is replaced on the next use, not before:
 * workers that die at their start would otherwise be started without end.
 */
export class WorkerPool<Request, Reply> {
  readonly #options: PoolOptions<Request>;
  readonly #lanes = new Set<Lane<Request, Reply>>();

  constructor(options: PoolOptions<Request>) {
    this.#options = options;
    while (this.#lanes.size < options.size) this.#start();
  }

  /** The lane with the fewest requests; a new one where a worker has died and no other is idle. Not to be called after {@link stop}. */
  leastLoaded(): Lane<Request, Reply> {
    let best: Lane<Request, Reply> | undefined;
    for (const lane of this.#lanes) if (best === undefined || lane.load < best.load) best = lane;
    if (best === undefined || (best.load > 0 && this.#lanes.size < this.#options.size)) return this.#start();
    return best;
  }

  /** Ends the workers; requests without a reply are rejected with `error`. */
  async stop(error: Error): Promise<void> {
    const lanes = [...this.#lanes];
    this.#lanes.clear();
    await Promise.all(lanes.map((lane) => lane.stop(error)));
  }

  #start(): Lane<Request, Reply> {
    const { startWorker, setup } = this.#options;
    const lane = new Lane<Request, Reply>(startWorker(), (error) => {
      if (this.#lanes.delete(lane)) void lane.stop(error);
    });
    this.#lanes.add(lane);
    lane.post(setup);
    return lane;
  }
}
