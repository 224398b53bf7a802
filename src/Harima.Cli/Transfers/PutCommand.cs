using System.CommandLine;

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
            Description = "JSON file with the measurement metadata",
        };
        var sample = new Option<string?>("--sample") { Description = "JSON file with the sample metadata" };
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
                var width = Math.Clamp(parsed.GetValue(parallel), 1, 64);
                var root = place.Rest.Length == 0 || place.Rest.EndsWith('/') ? place.Rest : place.Rest + "/";
                var stored = await StoredFiles.FindAsync(session.Rest, place, root, cancellationToken) ?? [];
                var s3 = session.S3(place.Bucket, root, write: true);
                // Parts of a large file and whole small files share the same number of connections.
                using var slots = new SemaphoreSlim(width);
                var items = local
                    .Select(file =>
                    {
                        var upload = new Upload(s3, slots, file.FileName, root + file.Path);
                        var there = stored.GetValueOrDefault(root + file.Path);
                        return new TransferItem(
                            file.Path,
                            root + file.Path,
                            new FileInfo(file.FileName).Length,
                            (progress, cancel) => upload.RunAsync(there, progress, cancel)
                        );
                    })
                    .ToList();
                var done = await Transfer.RunAsync(parsed, "put", items, width, cancellationToken);
                if (done.Any(file => file.Outcome == "failed"))
                    return TransferSummary.Write(parsed, done, closed: false);
                await PutMetadataAsync(session, place, "measurement", parsed.GetValue(measurement), cancellationToken);
                await PutMetadataAsync(session, place, "sample", parsed.GetValue(sample), cancellationToken);
                if (parsed.GetValue(close))
                    await session.Rest.CloseSequenceAsync(place.Root, place.Sequence, cancellationToken);
                return TransferSummary.Write(parsed, done, parsed.GetValue(close));
            }
        );
        return command;
    }

    static async Task PutMetadataAsync(
        Session session,
        Place place,
        string kind,
        string? file,
        CancellationToken cancellationToken
    )
    {
        if (file is null)
            return;
        var json = await File.ReadAllTextAsync(file, cancellationToken);
        await session.Rest.PutMetadataAsync(place.Root, place.Sequence, kind, json, cancellationToken);
    }
}
