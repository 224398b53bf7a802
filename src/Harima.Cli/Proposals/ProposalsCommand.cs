using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Proposals;

static class ProposalsCommand
{
    public static Command Build()
    {
        var text = new Option<string?>("--text")
        {
            Description = "Only those whose id, title or beamline contains this",
        };
        var command = new Command("proposals", "Proposals you may see") { text };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var found = new List<ProposalDto>();
                string? cursor = null;
                do
                {
                    var page = await session.Rest.ListProposalsAsync(
                        parsed.GetValue(text),
                        cursor,
                        200,
                        cancellationToken
                    );
                    found.AddRange(page.Items);
                    cursor = page.Next;
                } while (cursor is not null);
                return Answer.Write(
                    parsed,
                    new PageDto<ProposalDto>(found),
                    HarimaJson.Default.PageDtoProposalDto,
                    page =>
                        Answer.Table(
                            ["Proposal", "Beamline", "Right", "Sequences", "Size", "Title"],
                            page.Items.Select(proposal =>
                                new[]
                                {
                                    proposal.Id,
                                    proposal.BeamlineId,
                                    proposal.MyRight.ToString().ToLowerInvariant(),
                                    $"{proposal.SequenceCount}",
                                    Answer.Size(proposal.SizeBytes),
                                    proposal.Title,
                                }
                            )
                        )
                );
            }
        );
        return command;
    }
}
