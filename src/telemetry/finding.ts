/** What `doctor` has to say of one thing. */
export interface Finding {
  /** `warning`: a person should look. `error`: something is lost, or does not work. */
  readonly severity: 'ok' | 'warning' | 'error';
  /** One sentence, without secrets. What comes from outside in it is bounded, and may hold anything else. */
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}
