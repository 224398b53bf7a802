using System.Collections.Concurrent;
using Harima.Metadata;
using Harima.Metadata.Schemas;

namespace Harima.Search.Feed;

/// <summary>What the index wants to know of a schema that a document follows.</summary>
sealed class FollowedSchema
{
    readonly MetadataSchema _schema;
    readonly JsonSchema _parsed;
    readonly Dictionary<string, string> _units;

    public FollowedSchema(MetadataSchema schema, JsonSchema parsed)
    {
        (_schema, _parsed) = (schema, parsed);
        _units = SchemaFields
            .Of(parsed)
            .Where(field => field.Unit is not null)
            .DistinctBy(field => field.Path)
            .ToDictionary(field => field.Path, field => field.Unit!, StringComparer.Ordinal);
    }

    public string Id => _schema.Id;

    /// <summary>Id and version: <c>xafs/2</c>.</summary>
    public string Name => _schema.Name;

    /// <summary>The unit it gives for a path of the document; null for none.</summary>
    public string? UnitOf(string path) => _units.GetValueOrDefault(path);

    /// <summary>Nothing is wrong with the document and nothing is missing.</summary>
    public bool Allows(string json) =>
        MetadataCheck.Check(json).Count == 0 && _parsed.Check(PlacedJson.Parse(json)).Count == 0;
}

/// <summary>Schemas by id and version, read once: their text never changes.</summary>
sealed class FollowedSchemas(MetadataSchemas schemas)
{
    readonly ConcurrentDictionary<(string Id, long Version), FollowedSchema> _known = new();

    public async ValueTask<FollowedSchema> GetAsync(string id, long version, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((id, version), out var known))
            return known;
        var schema = await schemas.GetAsync(id, version, cancellationToken);
        return _known.GetOrAdd((id, version), new FollowedSchema(schema, schemas.Parsed(schema)));
    }
}
