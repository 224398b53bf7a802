using System.Collections.Concurrent;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Metadata.Schemas;

/// <summary>The registered schemas. They tell how things are described and are for everyone to read.</summary>
public sealed class MetadataSchemas(Database database)
{
    internal const string Columns =
        "id, version, kind, technique, instrument, is_general, title, title_ja, json, registered_at, registered_by, retired_at";

    // A version's text never changes, so what was parsed stays right.
    readonly ConcurrentDictionary<(string, long), JsonSchema> _parsed = new();

    /// <summary>The newest version of each, those that were retired too where asked for; by id.</summary>
    public async Task<IReadOnlyList<MetadataSchema>> ListAsync(bool retired, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var all = await connection.QueryAsync<MetadataSchema>(
            $"SELECT {Columns} FROM metadata_schema ORDER BY id, version DESC"
        );
        return
        [
            .. all.Where(schema => retired || schema.RetiredAt is null)
                .GroupBy(schema => schema.Id, StringComparer.Ordinal)
                .Select(versions => versions.First()),
        ];
    }

    /// <summary>Every version of one, newest first.</summary>
    public async Task<IReadOnlyList<MetadataSchema>> VersionsAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<MetadataSchema>(
                $"SELECT {Columns} FROM metadata_schema WHERE id = @id ORDER BY version DESC",
                new { id }
            )
        ).AsList();
    }

    /// <param name="version">Null for the newest that is not retired, or else the newest.</param>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<MetadataSchema> GetAsync(string id, long? version, CancellationToken cancellationToken)
    {
        var versions = await VersionsAsync(id, cancellationToken);
        var found = version is null
            ? versions.FirstOrDefault(schema => schema.RetiredAt is null) ?? (versions.Count > 0 ? versions[0] : null)
            : versions.FirstOrDefault(schema => schema.Version == version);
        return found
            ?? throw Fault.NotFound("Schema", version is null ? id : FormattableString.Invariant($"{id}/{version}"));
    }

    public JsonSchema Parsed(MetadataSchema schema) =>
        _parsed.GetOrAdd((schema.Id, schema.Version), _ => JsonSchema.Parse(schema.Json));
}
