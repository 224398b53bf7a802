using System.Text.Json;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Imaging;
using Harima.Imaging.Formats.Headers;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;
using Microsoft.Extensions.Options;

namespace Harima.Extraction;

/// <summary>Reads the headers of a sequence's files and keeps what they say as proposals; nothing that was typed is touched.</summary>
public sealed class ExtractMetadata(
    FileQueries files,
    SequenceAccess access,
    CatalogueWriter writer,
    WorkQueue queue,
    IOptions<ExtractionOptions> options,
    FacilityClock clock,
    TimeProvider time
)
{
    internal const string Queue = "extraction";

    // A series of ten thousand frames says the same ten thousand times.
    const int MaxFilesOfAKind = 12;
    const int MaxFiles = 96;
    const int MaxListed = 20_000;
    const int MaxValues = 400;
    const int MaxProblems = 50;

    internal WorkKind Work => new(Queue, (item, cancellationToken) => HandleAsync(item.Subject, cancellationToken));

    internal static AuditedWork Follows { get; } =
        new(
            Queue,
            ResourceKind.Sequence,
            ["file.added", "file.replaced", "file.removed", "file.version-removed", "files.registered"],
            TimeSpan.FromSeconds(2)
        );

    /// <summary>Asks for a reading of the files, for those who may write.</summary>
    public async Task AskAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        await queue.AskAsync(Queue, view.Sequence.Name, null, cancellationToken);
    }

    /// <param name="name"><c>proposal/sequence</c>.</param>
    internal async Task HandleAsync(string name, CancellationToken cancellationToken)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var (proposalId, sequenceId) = (name[..slash], name[(slash + 1)..]);
        var view = await access.FindAsync(Principal.System, proposalId, sequenceId, cancellationToken);
        // Deleted meanwhile: nothing is left to be said about it.
        if (view is null)
            return;
        var bucket = proposalId.ToLowerInvariant();
        var (chosen, passed) = Choose(await ListAsync(bucket, sequenceId, cancellationToken));
        var values = new List<ExtractedValue>();
        var problems = new List<ExtractionProblem>();
        var read = 0;
        foreach (var file in chosen)
        {
            var relative = file.Key[(sequenceId.Length + 1)..];
            try
            {
                using var opened = await files.OpenAsync(Principal.System, bucket, file.Key, cancellationToken);
                await using var stream = new HeaderStream(opened.Bytes, opened.File.SizeBytes, cancellationToken);
                if (FileHeaders.Read(stream, relative) is not { } header)
                    continue;
                values.AddRange(HeaderPaths.Of(header, relative, options.Value.ZoneOr(clock)));
                read++;
            }
            catch (DamagedFileException fault)
            {
                problems.Add(new ExtractionProblem(relative, fault.Message));
            }
            catch (FaultException fault)
                when (fault.Code is FaultCode.NotFound or FaultCode.Damaged or FaultCode.Conflict)
            {
                problems.Add(new ExtractionProblem(relative, fault.Message));
            }
        }

        await StoreAsync(view.Sequence, Merge(values), problems, read, passed, cancellationToken);
    }

    async Task<List<DataFile>> ListAsync(string bucket, string sequenceId, CancellationToken cancellationToken)
    {
        var found = new List<DataFile>();
        string? after = null;
        do
        {
            var page = await files.ListAsync(
                Principal.System,
                bucket,
                new ListRequest(sequenceId + "/", null, after, 1000),
                cancellationToken
            );
            found.AddRange(page.Entries.Select(entry => entry.File).OfType<DataFile>());
            after = page.Next;
        } while (after is not null && found.Count < MaxListed);
        return found;
    }

    /// <summary>Of many files of one kind in one folder, some spread over all of them, with the first and the last.</summary>
    static (List<DataFile> Chosen, int Passed) Choose(List<DataFile> all)
    {
        var candidates = all.Where(file => file.SizeBytes > 0 && FileHeaders.MayHave(file.Key)).ToList();
        var chosen = candidates
            .GroupBy(file => Path.GetDirectoryName(file.Key) + "|" + Path.GetExtension(file.Key).ToLowerInvariant())
            .SelectMany(kind =>
            {
                var list = kind.ToList();
                return list.Count <= MaxFilesOfAKind
                    ? list
                    : Enumerable
                        .Range(0, MaxFilesOfAKind)
                        .Select(n => list[(int)((long)n * (list.Count - 1) / (MaxFilesOfAKind - 1))]);
            })
            .Take(MaxFiles)
            .ToList();
        return (chosen, candidates.Count - chosen.Count);
    }

    /// <summary>Equal values once, the one most files say first; of times the first beginning and the last end.</summary>
    static List<ExtractedValue> Merge(List<ExtractedValue> values) =>
        [
            .. values
                .GroupBy(value => value.Path)
                .SelectMany(path =>
                {
                    var alike = path.GroupBy(value => (value.Value, value.Unit))
                        .Select(group =>
                            group.First() with
                            {
                                Files = group.Select(value => value.File).Distinct().Count(),
                            }
                        );
                    return path.Key switch
                    {
                        "measurement.date.start_time" => alike.OrderBy(HeaderPaths.Moment).Take(1),
                        "measurement.date.end_time" => alike.OrderByDescending(HeaderPaths.Moment).Take(1),
                        // Each file of a scan has another angle; that is no property of the sequence.
                        "measurement.start_angle" => alike.Take(1),
                        _ => alike.OrderByDescending(value => value.Files).Take(12),
                    };
                })
                .Take(MaxValues),
        ];

    Task StoreAsync(
        Sequence sequence,
        List<ExtractedValue> values,
        List<ExtractionProblem> problems,
        int read,
        int passed,
        CancellationToken cancellationToken
    ) =>
        writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    "DELETE FROM extracted_value WHERE sequence_row = @Row",
                    new { sequence.Row },
                    transaction
                );
                transaction.Connection!.Execute(
                    """
                    INSERT INTO extraction (sequence_row, at, files_read, files_passed, problems)
                    VALUES (@Row, @at, @read, @passed, @problems)
                    ON CONFLICT (sequence_row) DO UPDATE SET at = excluded.at, files_read = excluded.files_read,
                        files_passed = excluded.files_passed, problems = excluded.problems
                    """,
                    new
                    {
                        sequence.Row,
                        at = time.Now(),
                        read,
                        passed,
                        problems = JsonSerializer.Serialize(problems.Take(MaxProblems)),
                    },
                    transaction
                );
                for (var place = 0; place < values.Count; place++)
                    transaction.Connection!.Execute(
                        """
                        INSERT INTO extracted_value (sequence_row, place, kind, path, value, unit, file, file_path, files, assumed_zone)
                        VALUES (@Row, @place, @kind, @Path, @Value, @Unit, @File, @FilePath, @Files, @AssumedZone)
                        """,
                        new
                        {
                            sequence.Row,
                            place,
                            kind = values[place].Kind.ToString().ToLowerInvariant(),
                            values[place].Path,
                            values[place].Value,
                            values[place].Unit,
                            values[place].File,
                            values[place].FilePath,
                            values[place].Files,
                            values[place].AssumedZone,
                        },
                        transaction
                    );
            },
            cancellationToken
        );
}
