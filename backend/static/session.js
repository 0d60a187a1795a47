// The user's tokens: in this tab's session storage, never in an address. They are renewed shortly
// before they expire, so that nobody is signed out while they work.

import { refresh } from "./cognito.js";

const ID = "fileshare.token";
const REFRESH = "fileshare.refresh";
const EARLY = 60_000; // milliseconds before its end at which a token is renewed

let loaded;

/** Where to sign in, as the backend says. */
export function configuration() {
  loaded ??= load();
  return loaded;
}

async function load() {
  try {
    const response = await fetch("/config.json");
    if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
    return await response.json();
  } catch (error) {
    loaded = undefined; // Ask again the next time.
    throw error;
  }
}

export const isSignedIn = () => sessionStorage.getItem(ID) !== null;

export function keep(tokens) {
  sessionStorage.setItem(ID, tokens.IdToken);
  if (tokens.RefreshToken) sessionStorage.setItem(REFRESH, tokens.RefreshToken);
}

export function forget() {
  sessionStorage.removeItem(ID);
  sessionStorage.removeItem(REFRESH);
}

/** A valid token, or null if the pool does not renew it any more. */
export async function token() {
  const held = sessionStorage.getItem(ID);
  const secret = sessionStorage.getItem(REFRESH);
  if (!held || !secret || expiry(held) - Date.now() > EARLY) return held;
  try {
    keep(await refresh(await configuration(), secret));
  } catch (error) {
    if (error.name === "NotAuthorizedException") return null; // Expired, or revoked.
    throw error;
  }
  return sessionStorage.getItem(ID);
}

/** When a token expires, in milliseconds since the epoch; 0 where it does not say. */
function expiry(text) {
  try {
    const payload = text.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return JSON.parse(atob(payload)).exp * 1000;
  } catch {
    return 0;
  }
}
