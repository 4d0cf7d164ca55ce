/**
 * Replaces WXT's `ContentScriptContext`, which announces each start by an event and a message with the
 * extension's id. The page can hear both, and would know of the extension before there is an upload.
 */
export class ContentScriptContext {}
