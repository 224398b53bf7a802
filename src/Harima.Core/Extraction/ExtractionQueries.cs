using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Sequences;
using Harima.Work;

namespace Harima.Extraction;

/// <summary>Reads what the files of a sequence propose, for those who may read the sequence.</summary>
public sealed class ExtractionQueries(
    Database database,
    SequenceAccess access,
    MetadataQueries metadata,
    MetadataSchemas schemas,
    WorkQueue queue
)
{
    /// <exception cref="FaultException">NotFound where the sequence does not exist for the caller.</exception>
    public async Task<ExtractionResult> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var pending = await queue.IsPendingAsync(ExtractMetadata.Queue, view.Sequence.Name, cancellationToken);
        var texts = await metadata.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        string Version(MetadataKind kind) =>
            MetadataVersion.Of(texts.FirstOrDefault(document => document.Kind == kind)?.Json);
        var seen = new SeenVersions(Version(MetadataKind.Measurement), Version(MetadataKind.Sample));
        var documents = texts.ToDictionary(document => document.Kind, document => JsonNode.Parse(document.Json));
        await using var connection = await database.OpenAsync(cancellationToken);
        var head = await connection.QuerySingleOrDefaultAsync<Head>(
            "SELECT at, files_read, files_passed, problems FROM extraction WHERE sequence_row = @Row",
            new { view.Sequence.Row }
        );
        if (head is null)
            return new ExtractionResult(null, pending, 0, 0, [], [], seen);
        var values = await connection.QueryAsync<ExtractedValue>(
            """
            SELECT kind, path, value, unit, file, file_path, files, assumed_zone FROM extracted_value
            WHERE sequence_row = @Row ORDER BY place
            """,
            new { view.Sequence.Row }
        );
        var dismissed = (
            await connection.QueryAsync<Dismissed>(
                "SELECT path, value, unit, dismissed_at, dismissed_by FROM extracted_dismissed WHERE sequence_row = @Row",
                new { view.Sequence.Row }
            )
        ).ToDictionary(row => (row.Path, row.Value, row.Unit), row => new Dismissal(row.DismissedBy, row.DismissedAt));
        return new ExtractionResult(
            head.At,
            pending,
            head.FilesRead,
            head.FilesPassed,
            JsonSerializer.Deserialize<ExtractionProblem[]>(head.Problems) ?? [],
            [
                .. Fitted(values, await FitsAsync(connection, view.Sequence.Row, cancellationToken))
                    .Select(value =>
                    {
                        var typed = MetadataEdit.Find(documents.GetValueOrDefault(value.Kind), value, out var isSame);
                        var dismissal = dismissed.GetValueOrDefault((value.Path, value.Value, value.Unit ?? ""));
                        return new ProposedValue(
                            value,
                            isSame ? ProposedState.Same
                                : dismissal is not null ? ProposedState.Dismissed
                                : typed is null ? ProposedState.New
                                : ProposedState.Different,
                            typed,
                            dismissal
                        );
                    }),
            ],
            seen
        );
    }

    async Task<Dictionary<MetadataKind, SchemaFit>> FitsAsync(
        System.Data.Common.DbConnection connection,
        long sequenceRow,
        CancellationToken cancellationToken
    )
    {
        var followed = await connection.QueryAsync<(string Kind, string Schema, long Version)>(
            "SELECT kind, schema_id, schema_version FROM metadata_following WHERE sequence_row = @sequenceRow",
            new { sequenceRow }
        );
        var fits = new Dictionary<MetadataKind, SchemaFit>();
        foreach (var (kindText, id, version) in followed)
        {
            var kind = Enum.Parse<MetadataKind>(kindText, ignoreCase: true);
            var schema = await schemas.GetAsync(id, version, cancellationToken);
            fits[kind] = new SchemaFit(kind, schemas.Parsed(schema));
        }
        return fits;
    }

    /// <summary>Two paths of before may be one of the schema's.</summary>
    static IEnumerable<ExtractedValue> Fitted(
        IEnumerable<ExtractedValue> values,
        Dictionary<MetadataKind, SchemaFit> fits
    ) =>
        values
            .SelectMany(value => fits.GetValueOrDefault(value.Kind)?.Of(value) ?? [value])
            .DistinctBy(value => (value.Path, value.Value, value.Unit));

    /// <summary>The proposals that are named, as the files make them now.</summary>
    /// <exception cref="FaultException">Conflict (<c>proposal-gone</c>) where one is not there any more.</exception>
    internal static IEnumerable<ProposedValue> Named(ExtractionResult result, IEnumerable<AcceptedField> fields) =>
        fields.Select(field =>
            result.Values.FirstOrDefault(value =>
                value.Extracted.Path == field.Path
                && value.Extracted.Value == field.Value
                && value.Extracted.Unit == field.Unit
            )
            ?? throw Fault.Conflict(
                "proposal-gone",
                $"The files do not propose this for '{field.Path}' any more: they have changed. Look again, then decide.",
                ("path", field.Path)
            )
        );

    sealed record Dismissed
    {
        public required string Path { get; init; }
        public required string Value { get; init; }
        public required string Unit { get; init; }
        public DateTimeOffset DismissedAt { get; init; }
        public required string DismissedBy { get; init; }
    }

    sealed record Head
    {
        public DateTimeOffset At { get; init; }
        public int FilesRead { get; init; }
        public int FilesPassed { get; init; }
        public string Problems { get; init; } = "[]";
    }
}
