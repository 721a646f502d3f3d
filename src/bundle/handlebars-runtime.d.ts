/** Handlebars without its compiler: its own types say nothing of it. */
declare module 'handlebars/runtime.js' {
  interface Runtime {
    template(precompiled: TemplateSpecification): HandlebarsTemplateDelegate;
    registerHelper(name: string, helper: (value: unknown) => string): void;
    unregisterHelper(name: string): void;
  }
  const runtime: { create(): Runtime; readonly Exception: typeof Handlebars.Exception };
  export default runtime;
}
