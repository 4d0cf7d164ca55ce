/**
 * Takes the place of WXT's `ContentScriptContext` in content scripts. WXT's announces each start by an event and a message that
 * the page can hear, with the extension's id: a page would know who protects uploads before there is an upload.
 */
export class ContentScriptContext {}
