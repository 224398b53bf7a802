using System.CommandLine;
using Harima.Rest;

namespace Harima.Cli.Transfers;

static class GetCommand
{
    public static Command Build()
    {
        var source = new Argument<string>("proposal/sequence[/path]")
        {
            Description = "A sequence, a folder or a file of it",
        };
        var folder = new Argument<string?>("folder")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description =
                "Where to; by default a new folder named like the sequence, or for one file the folder you are in",
        };
        var parallel = new Option<int>("--parallel")
        {
            Description = "Transfers at a time",
            DefaultValueFactory = _ => 4,
        };
        var rename = new Option<bool>("--rename")
        {
            Description =
                "Keys that cannot be local file names go to the folder odd-names, percent-encoded, as in a zip",
        };
        var command = new Command("get", "Fetch files; run again, it goes on where it was")
        {
            source,
            folder,
            parallel,
            rename,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var place = Place.Parse(parsed.GetValue(source)!);
                var (root, files) = await FilesAsync(session.Rest, place, cancellationToken);
                var target = parsed.GetValue(folder) ?? FolderFor(place, root);
                var width = Math.Clamp(parsed.GetValue(parallel), 1, 64);
                var s3 = session.S3(place.Bucket, root, write: false);
                using var slots = new SemaphoreSlim(width);
                var items = LocalNames
                    .Plan(files, root, parsed.GetValue(rename))
                    .Select(local => new TransferItem(
                        local.Path,
                        local.File.Key,
                        local.File.SizeBytes,
                        new Download(s3, slots, local, target).RunAsync
                    ))
                    .ToList();
                var done = await Transfer.RunAsync(parsed, "got", items, width, cancellationToken);
                return TransferSummary.Write(parsed, done, closed: false);
            }
        );
        return command;
    }

    /// <summary>The files, and the part of their keys that is not wanted locally.</summary>
    static async Task<(string Root, List<FileDto> Files)> FilesAsync(
        HarimaClient rest,
        Place place,
        CancellationToken cancellationToken
    )
    {
        var wanted = place.Rest.TrimEnd('/');
        var found =
            await StoredFiles.FindAsync(rest, place, wanted, cancellationToken)
            ?? throw new RefusedException(
                new ProblemDto(
                    "about:blank",
                    "Not found",
                    404,
                    $"'{place.Root}/{place.Rest}' does not exist, or you have no access to it.",
                    "not-found"
                )
            );
        if (wanted.Length > 0 && !place.Rest.EndsWith('/') && found.ByKey.TryGetValue(wanted, out var one))
            return (wanted[..(wanted.LastIndexOf('/') + 1)], [one]);
        var root = wanted.Length == 0 ? "" : wanted + "/";
        // "S1" also begins "S10/…" in a workspace, and "raw" also "rawer".
        var files = found.ByKey.Values.Where(file => file.Key.StartsWith(root, StringComparison.Ordinal)).ToList();
        // A sequence may be empty; a folder that has nothing in it is not there.
        if (files.Count == 0 && (found.InWorkspace ? wanted : place.Path).Length > 0)
            throw new RefusedException(
                new ProblemDto(
                    "about:blank",
                    "Not found",
                    404,
                    $"There is no file or folder '{wanted}' in {place.Root}.",
                    "not-found"
                )
            );
        return (root, files);
    }

    static string FolderFor(Place place, string root)
    {
        var wanted = place.Rest.TrimEnd('/');
        // One file: its folder is the root, and it goes right here.
        if (root != wanted + "/" && wanted.Length > 0)
            return ".";
        return wanted.Length == 0 ? place.Root : wanted[(wanted.LastIndexOf('/') + 1)..];
    }
}
