/** What the toolbar says about the draft. */
export type SaveStatus = "saved" | "unsaved" | "saving" | "offline" | "conflict" | "failed";

export interface AutosavePorts<D> {
  /** The draft as it is now. Compared by identity: an unchanged draft must be the same object. */
  read: () => D;
  /** Saves on top of a revision and gives the new one. */
  save: (draft: D, revision: number) => Promise<number>;
  classify: (error: unknown) => "offline" | "conflict" | "failed";
  onStatus: (status: SaveStatus, error?: unknown) => void;
  /** Called with each change that is not yet saved, and with undefined when all is: the backup on this machine. */
  onBackup: (backup: { draft: D; revision: number } | undefined) => void;
  /** setTimeout and clearTimeout; given so that tests need not wait. */
  schedule: (run: () => void, ms: number) => () => void;
}

const PAUSE_MS = 700;
const RETRY_MS = [2_000, 5_000, 10_000, 30_000];

/**
 * Saves a draft a moment after its last change, one save at a time. A connection that breaks is tried again until it
 * heals; a conflict stops saving until somebody decides. What is not saved is kept by `onBackup`.
 */
export class Autosave<D> {
  private readonly ports: AutosavePorts<D>;
  private revision: number;
  private savedDraft: D;
  private status: SaveStatus = "saved";
  private cancelTimer: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private failures = 0;

  constructor(ports: AutosavePorts<D>, revision: number) {
    this.ports = ports;
    this.revision = revision;
    this.savedDraft = ports.read();
  }

  get currentRevision(): number {
    return this.revision;
  }

  /** To be called after every change of the draft. */
  changed(): void {
    if (this.ports.read() === this.savedDraft && this.running === undefined) {
      this.settle();
      return;
    }
    this.ports.onBackup({ draft: this.ports.read(), revision: this.revision });
    if (this.status === "conflict") return;
    if (this.running === undefined) this.show("unsaved");
    this.arm(PAUSE_MS);
  }

  /** Saves now what is not saved yet. Resolves when nothing is left, or when saving had to stop; see the status. */
  async flush(): Promise<SaveStatus> {
    this.disarm();
    if (this.running !== undefined) await this.running;
    if (this.status !== "conflict" && this.ports.read() !== this.savedDraft) await this.run();
    return this.status;
  }

  /** Goes on from another revision: after theirs was loaded, or mine was put on top. `isSaved` says whether the draft equals it. */
  rebase(revision: number, isSaved: boolean): void {
    this.revision = revision;
    this.failures = 0;
    this.status = "unsaved";
    if (isSaved) this.savedDraft = this.ports.read();
    this.changed();
  }

  stop(): void {
    this.disarm();
  }

  private async run(): Promise<void> {
    this.running ??= this.saveOnce().finally(() => {
      this.running = undefined;
    });
    await this.running;
    if (this.status === "saving" || this.status === "saved") {
      if (this.ports.read() === this.savedDraft) this.settle();
      else {
        this.show("unsaved");
        this.arm(PAUSE_MS);
      }
    }
  }

  private async saveOnce(): Promise<void> {
    const draft = this.ports.read();
    this.show("saving");
    try {
      this.revision = await this.ports.save(draft, this.revision);
      this.savedDraft = draft;
      this.failures = 0;
    } catch (error) {
      const kind = this.ports.classify(error);
      this.show(kind, error);
      if (kind === "offline") this.arm(RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 30_000);
      this.failures += 1;
    }
  }

  private settle(): void {
    this.disarm();
    this.ports.onBackup(undefined);
    this.show("saved");
  }

  private show(status: SaveStatus, error?: unknown): void {
    this.status = status;
    this.ports.onStatus(status, error);
  }

  private arm(ms: number): void {
    this.disarm();
    this.cancelTimer = this.ports.schedule(() => void this.run(), ms);
  }

  private disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }
}
