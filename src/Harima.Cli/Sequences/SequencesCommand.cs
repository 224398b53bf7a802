using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Sequences;

static class SequencesCommand
{
    public static Command Build()
    {
        var proposal = new Option<string?>("--proposal", "-p") { Description = "Only of this proposal" };
        var beamline = new Option<string?>("--beamline", "-b") { Description = "Only of this beamline" };
        var owner = new Option<string?>("--owner") { Description = "Only those this person opened" };
        var state = new Option<string?>("--state") { Description = "open or closed" };
        state.AcceptOnlyFromAmong("open", "closed");
        var text = new Option<string?>("--text")
        {
            Description = "Words that must all occur in id, title, beamline or owner",
        };
        var sort = new Option<string?>("--sort")
        {
            Description = "created (newest first), id, size, owner or proposal",
        };
        sort.AcceptOnlyFromAmong("created", "id", "size", "owner", "proposal");
        var limit = new Option<int>("--limit") { Description = "At most so many", DefaultValueFactory = _ => 1000 };
        var command = new Command("sequences", "Sequences you may see, newest first")
        {
            proposal,
            beamline,
            owner,
            state,
            text,
            sort,
            limit,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var search = new SequenceSearch(
                    parsed.GetValue(proposal),
                    parsed.GetValue(beamline),
                    parsed.GetValue(owner),
                    parsed.GetValue(state),
                    parsed.GetValue(text),
                    parsed.GetValue(sort)
                );
                var found = await FindAsync(session.Rest, search, parsed.GetValue(limit), cancellationToken);
                return Answer.Write(
                    parsed,
                    new PageDto<SequenceDto>(found),
                    HarimaJson.Default.PageDtoSequenceDto,
                    page =>
                        Answer.Table(
                            ["Sequence", "Created", "State", "Files", "Size", "Owner"],
                            page.Items.Select(sequence =>
                                new[]
                                {
                                    $"{sequence.ProposalId}/{sequence.Id}",
                                    Answer.Time(sequence.CreatedAt),
                                    sequence.State.ToString().ToLowerInvariant(),
                                    $"{sequence.FileCount}",
                                    Answer.Size(sequence.SizeBytes),
                                    sequence.Owner,
                                }
                            )
                        )
                );
            }
        );
        return command;
    }

    public static async Task<List<SequenceDto>> FindAsync(
        HarimaClient rest,
        SequenceSearch search,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var found = new List<SequenceDto>();
        string? cursor = null;
        do
        {
            var page = await rest.ListSequencesAsync(
                search,
                cursor,
                Math.Clamp(limit - found.Count, 1, 200),
                cancellationToken
            );
            found.AddRange(page.Items);
            cursor = page.Next;
        } while (cursor is not null && found.Count < limit);
        return found;
    }
}
