using System.CommandLine;
using System.Net.Http.Headers;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Metadata;

static class TableCommand
{
    public static Command Build() =>
        new("table", "Metadata of many sequences as one table, csv or xlsx")
        {
            BuildExport(),
            BuildImport(),
            BuildUndo(),
        };

    static Command BuildExport()
    {
        var file = new Argument<string>("file")
        {
            Description = "Where to; .xlsx for a workbook, - for csv to standard output",
        };
        var places = new Argument<string[]>("proposal/sequence")
        {
            Description = "Which; none to read them from standard input, one a line",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var columns = new Option<string[]>("--column")
        {
            Description = "Only this column, such as measurement:title; again for more",
        };
        var command = new Command("export", "Write a table") { file, places, columns };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var to = parsed.GetValue(file)!;
                var names = parsed.GetValue(places) is { Length: > 0 } given
                    ? given
                    : (await Console.In.ReadToEndAsync(cancellationToken)).Split(
                        '\n',
                        StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                    );
                foreach (var name in names)
                    Place.ParseSequence(name);
                using var answer = await session.Rest.ExportTableAsync(
                    new TableRequest(
                        names,
                        parsed.GetValue(columns) is { Length: > 0 } some ? some : null,
                        to.EndsWith(".xlsx", StringComparison.OrdinalIgnoreCase) ? "xlsx" : "csv"
                    ),
                    cancellationToken
                );
                await using var output = to == "-" ? Console.OpenStandardOutput() : File.Create(to);
                await answer.Content.CopyToAsync(output, cancellationToken);
                return FaultToExitCode.Done;
            }
        );
        return command;
    }

    static Command BuildImport()
    {
        var file = new Argument<string>("file") { Description = "An edited table, csv or xlsx; - for standard input" };
        var apply = new Option<bool>("--apply") { Description = "Make the changes; otherwise they are only shown" };
        var large = new Option<bool>("--large")
        {
            Description = "Make them by a worker of the server: up to 100,000 rows. 'harima edits' tells how far it is",
        };
        var wait = new Option<bool>("--wait") { Description = "With --large: until they are made" };
        var command = new Command("import", "Show, or make, the changes an edited table asks for")
        {
            file,
            apply,
            large,
            wait,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var table = new ByteArrayContent(
                    await MetadataCommand.ReadAsync(parsed.GetValue(file)!, cancellationToken)
                );
                table.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                if (parsed.GetValue(large))
                {
                    var edit = await session.Rest.ImportLargeTableAsync(table, cancellationToken);
                    if (parsed.GetValue(wait))
                        edit = await LargeEditsCommand.WaitAsync(session.Rest, edit, cancellationToken);
                    Answer.Write(parsed, edit, HarimaJson.Default.LargeEditDto, LargeEditsCommand.Write);
                    return LargeEditsCommand.CodeOf(edit);
                }
                var result = await session.Rest.ImportTableAsync(table, parsed.GetValue(apply), cancellationToken);
                Answer.Write(parsed, result, HarimaJson.Default.BulkResultDto, Write);
                // What was left out must not go unnoticed in a script.
                return result.Problems.Count > 0 || result.Outcomes.Any(outcome => outcome.Reason is not null)
                    ? FaultToExitCode.NotTaken
                    : FaultToExitCode.Done;
            }
        );
        return command;
    }

    static Command BuildUndo()
    {
        var id = new Argument<string>("id") { Description = "That 'table import --apply' said" };
        var command = new Command("undo", "Put back what an imported table changed") { id };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var result = await session.Rest.UndoBulkAsync(parsed.GetValue(id)!, cancellationToken);
                Answer.Write(parsed, result, HarimaJson.Default.BulkResultDto, Write);
                return result.Outcomes.Any(outcome => outcome.Reason is not null)
                    ? FaultToExitCode.NotTaken
                    : FaultToExitCode.Done;
            }
        );
        return command;
    }

    static void Write(BulkResultDto result)
    {
        foreach (var problem in result.Problems)
            Console.Error.WriteLine(
                Answer.Printable(
                    FormattableString.Invariant(
                        $"harima: row {problem.Row}, column {problem.Column}: {problem.Message}"
                    )
                )
            );
        EditOutcomes.Write(result.Outcomes);
        if (result.Id is not null)
            Console.Out.WriteLine($"Changed {result.Changed}; to undo: harima table undo {result.Id}");
    }
}
