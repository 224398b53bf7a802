using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Sequences;

static class ListCommand
{
    public static Command Build()
    {
        var place = new Argument<string?>("proposal/sequence/path") { Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("ls", "Proposals, the sequences of one, or the files of a folder") { place };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var text = parsed.GetValue(place);
                var items = string.IsNullOrEmpty(text)
                    ? await ProposalsAsync(session, cancellationToken)
                    : await FindSequencesAsync(session, Place.Parse(text), cancellationToken)
                        ?? await FilesAsync(session, Place.Parse(text), cancellationToken);
                return Answer.Write(
                    parsed,
                    new ListDto(items),
                    CliJson.Default.ListDto,
                    list =>
                        Answer.Table(
                            ["Name", "Size", "Changed"],
                            list.Items.Select(item =>
                                new[]
                                {
                                    item.Folder ? item.Name + "/" : item.Name,
                                    item.SizeBytes is { } size ? Answer.Size(size) : "-",
                                    item.ModifiedAt is { } at ? Answer.Time(at) : "-",
                                }
                            )
                        )
                );
            }
        );
        return command;
    }

    static async Task<List<ListedDto>> ProposalsAsync(Session session, CancellationToken cancellationToken)
    {
        var page = await session.Rest.ListProposalsAsync(null, null, 200, cancellationToken);
        return [.. page.Items.Select(proposal => new ListedDto(proposal.Id, true, proposal.SizeBytes, null))];
    }

    /// <summary>Null where the place is no proposal as a whole.</summary>
    static async Task<List<ListedDto>?> FindSequencesAsync(
        Session session,
        Place place,
        CancellationToken cancellationToken
    )
    {
        if (place.Rest.Length > 0)
            return null;
        var search = new SequenceSearch(place.Root, Sort: "id");
        var found = await SequencesCommand.FindAsync(session.Rest, search, int.MaxValue, cancellationToken);
        return found.Count == 0
            ? null
            :
            [
                .. found
                    .OrderBy(sequence => sequence.Id, StringComparer.Ordinal)
                    .Select(sequence => new ListedDto(sequence.Id, true, sequence.SizeBytes, sequence.CreatedAt)),
            ];
    }

    static async Task<List<ListedDto>> FilesAsync(Session session, Place place, CancellationToken cancellationToken)
    {
        var prefix = place.Rest.Length == 0 || place.Rest.EndsWith('/') ? place.Rest : place.Rest + "/";
        var client = await session.S3(place.Bucket, "", write: false).ClientAsync(cancellationToken);
        var items = new List<ListedDto>();
        string? token = null;
        do
        {
            var page = await client.ListObjectsV2Async(place.Bucket, prefix, "/", token, cancellationToken);
            items.AddRange(
                page.CommonPrefixes.Select(folder => new ListedDto(folder[prefix.Length..^1], true, null, null))
            );
            items.AddRange(
                page.Objects.Select(file => new ListedDto(
                    file.Key[prefix.Length..],
                    false,
                    file.SizeBytes,
                    file.LastModified
                ))
            );
            token = page.NextToken;
        } while (token is not null);
        if (items.Count == 0 && await FindFileAsync(client, place, cancellationToken) is { } one)
            items.Add(one);
        // An empty sequence lists nothing; one that is not there is an error.
        if (items.Count == 0 && place.Rest.Length > 0)
            await session.Rest.GetSequenceAsync(place.Root, place.Rest.TrimEnd('/'), cancellationToken);
        items.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return items;
    }

    static async Task<ListedDto?> FindFileAsync(
        S3.Client.S3Client client,
        Place place,
        CancellationToken cancellationToken
    )
    {
        if (place.Rest.Length == 0)
            return null;
        var head = await client.FindObjectAsync(place.Bucket, place.Rest, cancellationToken);
        return head is null
            ? null
            : new ListedDto(place.Rest[(place.Rest.LastIndexOf('/') + 1)..], false, head.SizeBytes, head.LastModified);
    }
}
