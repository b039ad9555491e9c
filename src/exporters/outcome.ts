/**
 * What became of one request to a backend. Exporters classify; the delivery decides what follows (DESIGN: the table in
 * docs/delivery.md). The list is closed.
 */
export type Outcome =
  /** Answered 2xx. `rejected` records were refused by the backend in a partial success: counted, never sent again. */
  | { readonly kind: 'delivered'; readonly rejected?: number; readonly message?: string }
  /**
   * Trouble that passes: 408, 429, 5xx, reset, timeout, DNS. `afterMs` is the backend's own wish (Retry-After).
   * `ambiguous`: the backend may have stored it all the same (a timeout or reset after the request was sent).
   */
  | { readonly kind: 'retry'; readonly reason: Reason; readonly afterMs?: number; readonly ambiguous: boolean }
  /** A person must act: 401, 402, 403, 404, 405, 407, 3xx, quota, TLS verification. Everything is kept, and probed. */
  | { readonly kind: 'hold'; readonly reason: Reason }
  /** Too large for the backend (413): smaller batches may pass. */
  | { readonly kind: 'split'; readonly reason: Reason }
  /** The backend will not take (one of) these records: 400, 422 and the rest. */
  | { readonly kind: 'reject'; readonly reason: Reason };

export interface Reason {
  /** One line for logs and the health page, without any text of the backend or of a customer: "401 Unauthorized: ...". */
  readonly summary: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** Error code of the network or TLS layer (ECONNREFUSED, CERT_HAS_EXPIRED ...). */
  readonly code?: string;
  /** What to do next, for a person. */
  readonly advice?: string;
  /** At most 64 KiB of the backend's answer: untrusted, for dead letters only, never for logs. */
  readonly body?: string;
}
