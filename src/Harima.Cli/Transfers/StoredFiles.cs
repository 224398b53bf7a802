using Harima.Rest;

namespace Harima.Cli.Transfers;

/// <summary>What the server holds at a place already, with checksums.</summary>
/// <param name="ByKey">The files.</param>
/// <param name="InWorkspace">Whether the place is a workspace: no sequence, no metadata.</param>
sealed record StoredFiles(Dictionary<string, FileDto> ByKey, bool InWorkspace)
{
    /// <returns>Null where there is no such sequence or workspace.</returns>
    public static async Task<StoredFiles?> FindAsync(
        HarimaClient rest,
        Place place,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        if (place.Sequence.Length > 0)
        {
            var inSequence = prefix.Length > place.Sequence.Length ? prefix[(place.Sequence.Length + 1)..] : "";
            var inside = rest.ListFilesAsync(place.Root, place.Sequence, inSequence, cancellationToken);
            if (await CollectAsync(inside, cancellationToken) is { } found)
                return new StoredFiles(found, InWorkspace: false);
        }
        var free = rest.ListWorkspaceFilesAsync(place.Bucket, prefix, cancellationToken);
        return await CollectAsync(free, cancellationToken) is { } files
            ? new StoredFiles(files, InWorkspace: true)
            : null;
    }

    static async Task<Dictionary<string, FileDto>?> CollectAsync(
        IAsyncEnumerable<FileDto> files,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, FileDto>(StringComparer.Ordinal);
        try
        {
            await foreach (var file in files.WithCancellation(cancellationToken))
                found[file.Key] = file;
            return found;
        }
        catch (RefusedException refused) when (refused.Problem.Status == 404)
        {
            return null;
        }
    }
}
