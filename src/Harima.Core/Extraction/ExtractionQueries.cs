using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;
using Harima.Work;

namespace Harima.Extraction;

/// <summary>Reads what the files of a sequence propose, for those who may read the sequence.</summary>
public sealed class ExtractionQueries(
    Database database,
    SequenceAccess access,
    MetadataQueries metadata,
    WorkQueue queue
)
{
    /// <exception cref="Faults.FaultException">NotFound where the sequence does not exist for the caller.</exception>
    public async Task<ExtractionResult> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var pending = await queue.IsPendingAsync(ExtractMetadata.Queue, view.Sequence.Name, cancellationToken);
        var documents = (await metadata.OfAsync(principal, proposalId, sequenceId, cancellationToken)).ToDictionary(
            document => document.Kind,
            document => JsonNode.Parse(document.Json)
        );
        await using var connection = await database.OpenAsync(cancellationToken);
        var head = await connection.QuerySingleOrDefaultAsync<Head>(
            "SELECT at, files_read, files_passed, problems FROM extraction WHERE sequence_row = @Row",
            new { view.Sequence.Row }
        );
        if (head is null)
            return new ExtractionResult(null, pending, 0, 0, [], []);
        var values = await connection.QueryAsync<ExtractedValue>(
            """
            SELECT kind, path, value, unit, file, file_path, files FROM extracted_value
            WHERE sequence_row = @Row ORDER BY place
            """,
            new { view.Sequence.Row }
        );
        return new ExtractionResult(
            head.At,
            pending,
            head.FilesRead,
            head.FilesPassed,
            JsonSerializer.Deserialize<ExtractionProblem[]>(head.Problems) ?? [],
            [
                .. values.Select(value =>
                {
                    var typed = MetadataEdit.Find(documents.GetValueOrDefault(value.Kind), value, out var isSame);
                    return new ProposedValue(
                        value,
                        typed is null ? ProposedState.New
                            : isSame ? ProposedState.Same
                            : ProposedState.Different,
                        typed
                    );
                }),
            ]
        );
    }

    sealed record Head
    {
        public DateTimeOffset At { get; init; }
        public int FilesRead { get; init; }
        public int FilesPassed { get; init; }
        public string Problems { get; init; } = "[]";
    }
}
