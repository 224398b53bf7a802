using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Metadata.Schemas;

/// <summary>How a document of a sequence stands to the schema it follows.</summary>
/// <param name="Schema">Null where none was chosen.</param>
/// <param name="Problems">Missing ones among them; in the order of the text.</param>
public sealed record SchemaStanding(MetadataKind Kind, MetadataSchema? Schema, IReadOnlyList<SchemaProblem> Problems)
{
    /// <summary>Nothing is wrong and nothing is missing.</summary>
    public bool IsValid => Schema is not null && Problems.Count == 0;

    public IEnumerable<SchemaProblem> Missing => Problems.Where(problem => problem.IsMissing);

    public IEnumerable<SchemaProblem> Wrong => Problems.Where(problem => !problem.IsMissing);
}

/// <summary>Which schema the documents of a sequence follow, and how well.</summary>
public sealed class FollowSchema(
    CatalogueWriter writer,
    Database database,
    SequenceAccess access,
    MetadataQueries metadata,
    MetadataSchemas schemas,
    Audit audit,
    TimeProvider time
)
{
    sealed record Following(MetadataKind Kind, string SchemaId, long SchemaVersion);

    /// <summary>One for each document. For those who may read the sequence.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<IReadOnlyList<SchemaStanding>> StandingAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var documents = await metadata.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        List<Following> followed;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            followed = (
                await connection.QueryAsync<(string Kind, string Id, long Version)>(
                    "SELECT kind, schema_id, schema_version FROM metadata_following WHERE sequence_row = @Row",
                    new { view.Sequence.Row }
                )
            )
                .Select(row => new Following(Enum.Parse<MetadataKind>(row.Kind, ignoreCase: true), row.Id, row.Version))
                .ToList();
        }
        var standings = new List<SchemaStanding>();
        foreach (var kind in Enum.GetValues<MetadataKind>())
        {
            var chosen = followed.Find(following => following.Kind == kind);
            if (chosen is null)
            {
                standings.Add(new SchemaStanding(kind, null, []));
                continue;
            }
            var schema = await schemas.GetAsync(chosen.SchemaId, chosen.SchemaVersion, cancellationToken);
            var json = documents.FirstOrDefault(document => document.Kind == kind)?.Json ?? "{}";
            standings.Add(new SchemaStanding(kind, schema, Check(schema, json)));
        }
        return standings;
    }

    /// <summary>How a text that may not be stored yet stands to a schema; empty where it is not even JSON.</summary>
    public IReadOnlyList<SchemaProblem> Check(MetadataSchema schema, string json) =>
        MetadataCheck.Check(json).Count > 0 ? [] : schemas.Parsed(schema).Check(PlacedJson.Parse(json));

    /// <summary>The schema to begin with; null where the facility offers none that suits.</summary>
    public async Task<MetadataSchema?> SuggestAsync(
        string proposalId,
        string beamlineId,
        MetadataKind kind,
        CancellationToken cancellationToken
    ) =>
        (await OffersAsync(proposalId, beamlineId, kind, [], cancellationToken)).FirstOrDefault(offer =>
            offer.Suits != SchemaSuits.Other
        )
            is { } first
            ? first.Schema
            : null;

    /// <summary>All that may be followed, what suits best first.</summary>
    /// <param name="techniques">What is known of the sequence's technique, in its metadata or from its files, by any name.</param>
    public async Task<IReadOnlyList<SchemaOffer>> OffersAsync(
        string proposalId,
        string beamlineId,
        MetadataKind kind,
        IReadOnlyCollection<string> techniques,
        CancellationToken cancellationToken
    )
    {
        var offered = await schemas.ListAsync(retired: false, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var last = await connection.QueryFirstOrDefaultAsync<string>(
            """
            SELECT f.schema_id FROM metadata_following f JOIN sequence s ON s.row = f.sequence_row
            WHERE s.proposal_id = @proposalId AND f.kind = @kindText ORDER BY f.chosen_at DESC LIMIT 1
            """,
            new { proposalId, kindText = kind.ToString().ToLowerInvariant() }
        );
        return SchemaOffers.Of(offered.Where(schema => schema.Kind == kind), beamlineId, techniques, last);
    }

    /// <param name="schemaId">Null to follow none.</param>
    /// <param name="version">Null for the newest.</param>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Invalid where the schema describes the other document.</exception>
    public async Task HandleAsync(
        string proposalId,
        string sequenceId,
        MetadataKind kind,
        string? schemaId,
        long? version,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireOpenAsync(principal, proposalId, sequenceId, cancellationToken);
        var schema = schemaId is null ? null : await schemas.GetAsync(schemaId, version, cancellationToken);
        if (schema is not null && schema.Kind != kind)
            throw Fault.Invalid(
                "schema-kind",
                $"Schema '{schema.Id}' describes the {schema.Kind.ToString().ToLowerInvariant()} document, not this one.",
                ("schema", schema.Id)
            );
        var (kindText, at) = (kind.ToString().ToLowerInvariant(), time.Now());
        await writer.WriteAsync(
            transaction =>
            {
                var row = new
                {
                    view.Sequence.Row,
                    kindText,
                    id = schema?.Id,
                    version = schema?.Version,
                    at,
                    actor = principal.Actor,
                };
                transaction.Connection!.Execute(
                    schema is null
                        ? "DELETE FROM metadata_following WHERE sequence_row = @Row AND kind = @kindText"
                        : """
                        INSERT INTO metadata_following (sequence_row, kind, schema_id, schema_version, chosen_at, chosen_by)
                        VALUES (@Row, @kindText, @id, @version, @at, @actor)
                        ON CONFLICT (sequence_row, kind) DO UPDATE SET schema_id = excluded.schema_id,
                            schema_version = excluded.schema_version, chosen_at = excluded.chosen_at, chosen_by = excluded.chosen_by
                        """,
                    row,
                    transaction
                );
                audit.Add(
                    transaction,
                    principal,
                    "metadata.schema",
                    view.Sequence.Ref,
                    new { kind = kindText, schema = schema?.Name }
                );
            },
            cancellationToken
        );
    }
}
