/** What Handlebars compiled of the package's templates, by their texts. The build and the tests put it here
 *  (precompile.mjs); any other text is compiled when it is asked for. */
export const precompiled: ReadonlyMap<string, TemplateSpecification> = new Map();
