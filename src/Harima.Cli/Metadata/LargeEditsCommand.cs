using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Metadata;

/// <summary>Bulk changes that the server makes in portions.</summary>
static class LargeEditsCommand
{
    static readonly TimeSpan Looking = TimeSpan.FromSeconds(1);

    public static Command Build()
    {
        var id = new Argument<string?>("id")
        {
            Description = "One of them; none for all",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var wait = new Option<bool>("--wait") { Description = "Until it has ended" };
        var cancel = new Option<bool>("--cancel") { Description = "Let it go no further" };
        var undo = new Option<bool>("--undo") { Description = "Put back what it changed" };
        var refused = new Option<bool>("--refused") { Description = "What it left as it was, and why" };
        var command = new Command("edits", "Your large changes of metadata: 'harima edit', large tables")
        {
            id,
            wait,
            cancel,
            undo,
            refused,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                if (parsed.GetValue(id) is not { } one)
                    return Answer.Write(
                        parsed,
                        new PageDto<LargeEditDto>(await AllAsync(session.Rest, cancellationToken)),
                        HarimaJson.Default.PageDtoLargeEditDto,
                        List
                    );
                if (parsed.GetValue(refused))
                    return Answer.Write(
                        parsed,
                        new PageDto<RefusedEditDto>(await RefusedAsync(session.Rest, one, cancellationToken)),
                        HarimaJson.Default.PageDtoRefusedEditDto,
                        page =>
                            Answer.Table(
                                ["Sequence", "Why"],
                                page.Items.Select(item =>
                                    new[] { $"{item.ProposalId}/{item.SequenceId}", item.Refusal }
                                )
                            )
                    );
                var edit =
                    parsed.GetValue(cancel) ? await session.Rest.CancelLargeEditAsync(one, cancellationToken)
                    : parsed.GetValue(undo) ? await session.Rest.UndoLargeAsync(one, cancellationToken)
                    : await session.Rest.GetLargeEditAsync(one, cancellationToken);
                if (parsed.GetValue(wait))
                    edit = await WaitAsync(session.Rest, edit, cancellationToken);
                Answer.Write(parsed, edit, HarimaJson.Default.LargeEditDto, Write);
                return CodeOf(edit);
            }
        );
        return command;
    }

    static async Task<List<LargeEditDto>> AllAsync(HarimaClient rest, CancellationToken cancellationToken)
    {
        var all = new List<LargeEditDto>();
        string? cursor = null;
        do
        {
            var page = await rest.ListLargeEditsAsync(cursor, cancellationToken);
            all.AddRange(page.Items);
            cursor = page.Next;
        } while (cursor is not null);
        return all;
    }

    static async Task<List<RefusedEditDto>> RefusedAsync(
        HarimaClient rest,
        string id,
        CancellationToken cancellationToken
    )
    {
        var refused = new List<RefusedEditDto>();
        string? cursor = null;
        do
        {
            var page = await rest.ListRefusedEditsAsync(id, cursor, cancellationToken);
            refused.AddRange(page.Items);
            cursor = page.Next;
        } while (cursor is not null);
        return refused;
    }

    public static async Task<LargeEditDto> WaitAsync(
        HarimaClient rest,
        LargeEditDto edit,
        CancellationToken cancellationToken
    )
    {
        while (edit.State == "running")
        {
            await Task.Delay(Looking, cancellationToken);
            edit = await rest.GetLargeEditAsync(edit.Id, cancellationToken) with { Problems = edit.Problems };
        }
        return edit;
    }

    /// <summary>What was left out must not go unnoticed in a script.</summary>
    public static int CodeOf(LargeEditDto edit) =>
        edit.State == "failed" || edit.Refused > 0 || edit.Problems is { Count: > 0 }
            ? FaultToExitCode.NotTaken
            : FaultToExitCode.Done;

    public static void Write(LargeEditDto edit)
    {
        foreach (var problem in edit.Problems ?? [])
            Console.Error.WriteLine(
                Answer.Printable(
                    FormattableString.Invariant(
                        $"harima: row {problem.Row}, column {problem.Column}: {problem.Message}"
                    )
                )
            );
        Console.Out.WriteLine(
            $"{edit.Id}  {edit.State}: {edit.Done} of {edit.Total} looked at, {edit.Changed} changed, {edit.Refused} refused."
        );
        if (edit.Undoes is null && edit.UndoneAt is null)
            Console.Error.WriteLine(
                edit.State == "running"
                    ? $"To wait for it: harima edits {edit.Id} --wait"
                    : $"To undo: harima edits {edit.Id} --undo"
            );
        if (edit.Refused > 0)
            Console.Error.WriteLine($"What was refused: harima edits {edit.Id} --refused");
    }

    static void List(PageDto<LargeEditDto> edits) =>
        Answer.Table(
            ["Id", "At", "What", "State", "Done", "Changed", "Refused"],
            edits.Items.Select(edit =>
                new[]
                {
                    edit.Id,
                    Answer.Time(edit.CreatedAt),
                    edit.Summary,
                    edit.UndoneAt is null ? edit.State : "undone",
                    $"{edit.Done}/{edit.Total}",
                    $"{edit.Changed}",
                    $"{edit.Refused}",
                }
            )
        );
}
