using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Transfers;

static class PutCommand
{
    public static Command Build()
    {
        var paths = new Argument<string[]>("local… proposal/sequence[/path]")
        {
            Arity = new ArgumentArity(2, 100_000),
            Description = "Files and folders, and last the place they go to. Of a folder, its content is stored.",
        };
        var close = new Option<bool>("--close") { Description = "Close the sequence once everything is there" };
        var measurement = new Option<string?>("--measurement")
        {
            Description = "JSON file with the measurement metadata; checked before anything is sent",
        };
        var sample = new Option<string?>("--sample")
        {
            Description = "JSON file with the sample metadata; checked likewise",
        };
        var parallel = new Option<int>("--parallel")
        {
            Description = "Transfers at a time",
            DefaultValueFactory = _ => 4,
        };
        var command = new Command("put", "Store files in a sequence; run again, it goes on where it was")
        {
            paths,
            close,
            measurement,
            sample,
            parallel,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var given = parsed.GetValue(paths)!;
                var place = Place.Parse(given[^1]);
                var local = LocalFiles.Find(given[..^1]);
                // Before the first byte: a mistake in them should not be found after hours of sending.
                MetadataFile?[] documents =
                [
                    await MetadataFile.ReadAsync(
                        session.Rest,
                        "measurement",
                        parsed.GetValue(measurement),
                        cancellationToken
                    ),
                    await MetadataFile.ReadAsync(session.Rest, "sample", parsed.GetValue(sample), cancellationToken),
                ];
                var root = place.Rest.Length == 0 || place.Rest.EndsWith('/') ? place.Rest : place.Rest + "/";
                var stored = await StoredFiles.FindAsync(session.Rest, place, root, cancellationToken);
                if (stored?.InWorkspace == true && (parsed.GetValue(close) || documents.Any(one => one is not null)))
                    throw new UsageException(
                        $"'{place.Root}' is a workspace: it has no metadata and is not closed. Leave out --measurement, --sample and --close."
                    );
                var width = Math.Clamp(parsed.GetValue(parallel), 1, 64);
                var done = await SendAsync(parsed, session, place, root, local, stored, width, cancellationToken);
                if (done.Any(file => file.Outcome == "failed"))
                    return TransferSummary.Write(parsed, done, closed: false);
                foreach (var document in documents.OfType<MetadataFile>())
                    await document.StoreAsync(session.Rest, place, cancellationToken);
                if (parsed.GetValue(close))
                    await session.Rest.CloseSequenceAsync(place.Root, place.Sequence, cancellationToken);
                return TransferSummary.Write(parsed, done, parsed.GetValue(close));
            }
        );
        return command;
    }

    static async Task<IReadOnlyList<TransferredDto>> SendAsync(
        ParseResult parsed,
        Session session,
        Place place,
        string root,
        IReadOnlyList<LocalFile> local,
        StoredFiles? stored,
        int width,
        CancellationToken cancellationToken
    )
    {
        var inSequence = stored is { InWorkspace: false };
        var closed = inSequence && await IsClosedAsync(session.Rest, place, cancellationToken);
        var s3 = session.S3(place.Bucket, root, write: true);
        // Parts of a large file and whole small files share the same number of connections.
        using var slots = new SemaphoreSlim(width);
        var items = local
            .Select(file =>
            {
                var upload = new Upload(s3, slots, file.FileName, root + file.Path);
                var there = stored?.ByKey.GetValueOrDefault(root + file.Path);
                return new TransferItem(
                    file.Path,
                    root + file.Path,
                    new FileInfo(file.FileName).Length,
                    (progress, cancel) => upload.RunAsync(there, closed, progress, cancel)
                );
            })
            .ToList();
        var done = await Transfer.RunAsync(parsed, "put", items, width, cancellationToken);
        // Closed by somebody else meanwhile: S3 has no word for it of its own.
        return !closed && done.Any(IsForbidden) && await IsClosedAsync(session.Rest, place, cancellationToken)
            ? [.. done.Select(file => IsForbidden(file) ? file with { ExitCode = FaultToExitCode.Closed } : file)]
            : done;
    }

    static bool IsForbidden(TransferredDto file) => file.ExitCode == FaultToExitCode.Forbidden;

    static async Task<bool> IsClosedAsync(HarimaClient rest, Place place, CancellationToken cancellationToken)
    {
        try
        {
            var sequence = await rest.GetSequenceAsync(place.Root, place.Sequence, cancellationToken);
            return sequence.State == SequenceStateDto.Closed;
        }
        catch (RefusedException refused) when (refused.Problem.Status == 404)
        {
            return false;
        }
    }
}
