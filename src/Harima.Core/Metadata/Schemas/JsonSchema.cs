using System.Text.Json;

namespace Harima.Metadata.Schemas;

/// <summary>
/// A JSON Schema, draft-07 or 2020-12: https://json-schema.org/draft-07/json-schema-validation,
/// https://json-schema.org/draft/2020-12/json-schema-core. References stay within the document; see docs/reference/metadata.md.
/// </summary>
public sealed partial class JsonSchema
{
    // Absolute address of every schema resource and anchor. The root has its own $id or this one.
    const string RootAddress = "harima:schema";

    readonly Dictionary<string, SchemaPlace> _places = new(StringComparer.Ordinal);
    readonly Dictionary<string, SchemaPlace> _dynamicPlaces = new(StringComparer.Ordinal);
    readonly string _rootBase;

    JsonSchema(PlacedJson root)
    {
        Root = root;
        IsDraft7 = root.Find("$schema")?.Text is { } draft && (draft.Contains("draft-0", StringComparison.Ordinal));
        _rootBase = WithoutFragment(Resolve(RootAddress, root.Find("$id")?.Text ?? ""));
        _places[RootAddress] = new SchemaPlace(root, _rootBase);
        Index(root, RootAddress);
    }

    public PlacedJson Root { get; }

    /// <summary>Draft-07, where $ref hides what stands beside it and lists have their items one by one in "items".</summary>
    public bool IsDraft7 { get; }

    /// <exception cref="JsonException">For text that is no JSON.</exception>
    public static JsonSchema Parse(string json) => new(PlacedJson.Parse(json));

    /// <summary>What keeps a text from being a schema here: wrong kinds of values, patterns that do not compile, references that lead nowhere.</summary>
    public static IReadOnlyList<MetadataProblem> CheckSchema(string json) =>
        MetadataCheck.Check(json) is { Count: > 0 } faults ? faults : new SchemaWellFormed(Parse(json)).Problems;

    /// <summary>Every problem of the document at once, in the order of its text.</summary>
    public IReadOnlyList<SchemaProblem> Check(PlacedJson document, bool formats = true)
    {
        var problems = new List<SchemaProblem>();
        new Evaluation(this, formats).Evaluate(new SchemaPlace(Root, _rootBase), document, "$", problems);
        return
        [
            .. problems
                .DistinctBy(problem => (problem.Path, problem.Keyword, problem.Message))
                .OrderBy(problem => problem.Line)
                .ThenBy(problem => problem.Column),
        ];
    }

    /// <summary>The schema that a $ref stands for; null where it is not in this document.</summary>
    internal SchemaPlace? Follow(string reference, string @base)
    {
        var address = Resolve(@base, reference);
        var hash = address.IndexOf('#', StringComparison.Ordinal);
        var (resource, fragment) =
            hash < 0 ? (address, "") : (address[..hash], Uri.UnescapeDataString(address[(hash + 1)..]));
        if (fragment.Length > 0 && fragment[0] != '/')
            return _places.GetValueOrDefault(resource + "#" + fragment);
        var start = _places.GetValueOrDefault(resource);
        if (start is null && resource == _rootBase)
            start = new SchemaPlace(Root, _rootBase);
        if (start is not null && Pointer(start, fragment) is { } found)
            return found;
        // The schemas of SPring-8 name every definition by an $id ("key:@data_info") and still mean the whole document by "#/".
        return reference.StartsWith("#/", StringComparison.Ordinal)
            ? Pointer(new SchemaPlace(Root, _rootBase), fragment)
            : null;
    }

    SchemaPlace? Pointer(SchemaPlace start, string pointer)
    {
        var place = start;
        if (pointer.Length == 0)
            return place;
        foreach (var raw in pointer[1..].Split('/'))
        {
            var name = raw.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            var next = place.Schema.Kind switch
            {
                JsonValueKind.Object => place.Schema.Find(name),
                JsonValueKind.Array when int.TryParse(name, out var n) && n >= 0 && n < place.Schema.Items.Count =>
                    place.Schema.Items[n],
                _ => null,
            };
            if (next is null)
                return null;
            place = new SchemaPlace(next, BaseOf(next, place.Base));
        }
        return place;
    }

    internal string BaseOf(PlacedJson schema, string outer) =>
        schema.Kind == JsonValueKind.Object
        && schema.Find("$id") is { Kind: JsonValueKind.String } id
        && !(IsDraft7 && (schema.Find("$ref") is not null || id.Text.StartsWith('#')))
            ? WithoutFragment(Resolve(outer, id.Text))
            : outer;

    internal SchemaPlace? FindDynamic(string resource, string anchor) =>
        _dynamicPlaces.GetValueOrDefault(resource + "#" + anchor);

    void Index(PlacedJson schema, string outer)
    {
        if (schema.Kind != JsonValueKind.Object)
            return;
        var own = BaseOf(schema, outer);
        if (own != outer)
            _places.TryAdd(own, new SchemaPlace(schema, own));
        if (IsDraft7 && schema.Find("$id") is { Kind: JsonValueKind.String } anchor && schema.Find("$ref") is null)
        {
            if (anchor.Text.Contains('#', StringComparison.Ordinal))
                _places.TryAdd(Resolve(outer, anchor.Text), new SchemaPlace(schema, own));
        }
        foreach (var (name, places) in new[] { ("$anchor", _places), ("$dynamicAnchor", _dynamicPlaces) })
            if (!IsDraft7 && schema.Find(name) is { Kind: JsonValueKind.String } named)
            {
                places.TryAdd(own + "#" + named.Text, new SchemaPlace(schema, own));
                _places.TryAdd(own + "#" + named.Text, new SchemaPlace(schema, own));
            }
        foreach (var inner in SubschemasOf(schema))
            Index(inner, own);
    }

    static readonly string[] OneSchema =
    [
        "additionalProperties",
        "additionalItems",
        "propertyNames",
        "contains",
        "not",
        "if",
        "then",
        "else",
        "items",
        "unevaluatedProperties",
        "unevaluatedItems",
        "contentSchema",
    ];
    static readonly string[] ManySchemas = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
    static readonly string[] NamedSchemas =
    [
        "properties",
        "patternProperties",
        "definitions",
        "$defs",
        "dependencies",
        "dependentSchemas",
    ];

    internal IEnumerable<PlacedJson> SubschemasOf(PlacedJson schema)
    {
        if (IsDraft7 && schema.Find("$ref") is not null)
            return schema.Find("definitions")?.Members.Select(member => member.Value) ?? [];
        return OneSchema
            .Select(schema.Find)
            .OfType<PlacedJson>()
            .Where(value => value.Kind != JsonValueKind.Array)
            .Concat(ManySchemas.Select(schema.Find).OfType<PlacedJson>().SelectMany(value => value.Items))
            .Concat(
                NamedSchemas
                    .Select(schema.Find)
                    .OfType<PlacedJson>()
                    .SelectMany(value => value.Members.Select(member => member.Value))
                    .Where(value => value.Kind != JsonValueKind.Array)
            );
    }

    /// <summary>RFC 3986, with what .NET cannot join (urn:, key:) taken as it stands.</summary>
    static string Resolve(string @base, string reference)
    {
        if (reference.Length == 0)
            return @base;
        if (reference[0] == '#')
            return WithoutFragment(@base) + reference;
        if (Uri.TryCreate(reference, UriKind.Absolute, out _) && !reference.StartsWith('/'))
            return reference.TrimEnd('#');
        if (
            Uri.TryCreate(@base, UriKind.Absolute, out var from)
            && from.IsAbsoluteUri
            && Uri.TryCreate(from, reference, out var joined)
        )
            return joined.OriginalString.TrimEnd('#');
        return reference;
    }

    static string WithoutFragment(string address)
    {
        var hash = address.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? address : address[..hash];
    }
}

/// <param name="Base">The address references in it are relative to.</param>
sealed record SchemaPlace(PlacedJson Schema, string Base);
