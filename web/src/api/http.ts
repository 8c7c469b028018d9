/** One way to ask the server, and the one error that comes of it. */

export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    message: string,
    /** 0 when the server did not answer at all. */
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
  }
}

export interface Ask {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

let onUnauthorized: () => void = () => {};

/** What to do when the server no longer knows who is asking. */
export function setUnauthorizedHandler(handler: () => void): void {
  onUnauthorized = handler;
}

let sessions = 0;

/** Somebody logged in: what was asked before and is refused only now tells nothing of this session. */
export function sessionBegan(): void {
  sessions += 1;
}

export async function ask(path: string, { method = "GET", body, headers, signal }: Ask = {}): Promise<Response> {
  const session = sessions;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      ...(headers ? { headers } : {}),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("The server does not answer. Is it still running?", 0, "unreachable");
  }
  if (response.ok) return response;
  if (response.status === 401 && session === sessions) onUnauthorized();
  throw await problem(response);
}

async function problem(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return new ApiError(error.message, response.status, error.code);
  } catch {
    return new ApiError(`The server answered ${response.status} ${response.statusText}.`, response.status, "internal");
  }
}

export async function askJson<T>(path: string, request?: Ask): Promise<T> {
  const response = await ask(path, request);
  return (await response.json()) as T;
}

/** A path's parts, escaped, under /api/v1. */
export function apiPath(...parts: string[]): string {
  return `/api/v1/${parts.map(encodeURIComponent).join("/")}`;
}

export function withQuery(path: string, query: Record<string, string | number | boolean | readonly string[] | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value as readonly string[]) params.append(name, one);
    else if (value !== undefined) params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}
