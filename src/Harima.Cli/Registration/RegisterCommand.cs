using System.CommandLine;
using System.Globalization;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Registration;

/// <summary>Catalogues what lies on the facility's storage; for administrators.</summary>
static class RegisterCommand
{
    static readonly Argument<string?> Folder = new("folder")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Full path as the server sees it",
    };
    static readonly Option<string?> Proposal = new("--proposal") { Description = "Whose sequences they become" };
    static readonly Option<string?> Sequence = new("--sequence")
    {
        Description = "All of it is this sequence; by default called like the folder",
    };
    static readonly Option<int> Level = new("--sequences-from")
    {
        Description = "Each folder that many levels down is a sequence, called like it",
        HelpName = "LEVEL",
    };
    static readonly Option<string[]> Include = new("--include")
    {
        Description = "Only files of this pattern: '*.h5', 'raw/**/*.cbf'; may be given again",
        HelpName = "PATTERN",
    };
    static readonly Option<string[]> Exclude = new("--exclude")
    {
        Description = "No files or folders of this pattern: '*.tmp', 'backup/'; may be given again",
        HelpName = "PATTERN",
    };
    static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only say what would be made" };
    static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Wait until it has ended, and tell how far it is",
    };
    static readonly Option<bool> List = new("--list") { Description = "What was registered, and how far it is" };
    static readonly Option<string?> Rescan = Id("--rescan", "Look through it again for what came, changed or went");
    static readonly Option<string?> Cancel = Id("--cancel", "Stop; what was catalogued stays");
    static readonly Option<string?> Continue = Id("--continue", "Go on where it was cancelled or failed");
    static readonly Option<string?> BringBack = Id(
        "--bring-back",
        "Look through it again, and catalogue again what was removed or replaced in Harima"
    );
    static readonly Option<string?> Remove = Id(
        "--remove",
        "Take it back: its files leave the catalogue; nothing on the storage is changed"
    );
    static readonly Option<string?> Patterns = Id(
        "--patterns",
        "Give it the patterns of --include and --exclude, none for all files, and look through it with them"
    );
    static readonly Option<string?> Findings = Id("--findings", "What could not be catalogued, had changed or gone");

    static Option<string?> Id(string name, string description) =>
        new(name) { Description = description, HelpName = "ID" };

    public static Command Build()
    {
        var command = new Command("register", "Catalogue what lies on the facility's storage, without copying it")
        {
            Folder,
            Proposal,
            Sequence,
            Level,
            Include,
            Exclude,
            DryRun,
            Wait,
            List,
            Rescan,
            Cancel,
            Continue,
            BringBack,
            Remove,
            Patterns,
            Findings,
        };
        command.Validators.Add(result =>
        {
            Option[] others = [List, Rescan, Cancel, Continue, BringBack, Remove, Patterns, Findings];
            var chosen = others.Count(option => result.GetResult(option) is { Implicit: false });
            var isFolder = result.GetResult(Folder) is { Tokens.Count: > 0 };
            if (chosen + (isFolder ? 1 : 0) != 1)
                result.AddError(
                    "Name a folder, or one of --list, --rescan, --cancel, --continue, --bring-back, --remove, --patterns, --findings."
                );
            else if (isFolder && result.GetResult(Proposal) is null)
                result.AddError("Name the proposal the files belong to: --proposal 2026A1234.");
        });
        command.SetSessionAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, Session session, CancellationToken cancellationToken)
    {
        var rest = session.Rest;
        if (parsed.GetValue(List))
            return await ListAsync(parsed, rest, cancellationToken);
        if (parsed.GetValue(Findings) is { } looked)
            return await FindingsAsync(parsed, rest, looked, cancellationToken);
        (Option<string?> Option, string Change)[] changes =
        [
            (Rescan, "rescan"),
            (Cancel, "cancel"),
            (Continue, "continue"),
            (BringBack, "rescan?bringBack=true"),
        ];
        foreach (var (option, change) in changes)
            if (parsed.GetValue(option) is { } id)
                return await EndAsync(
                    parsed,
                    rest,
                    await rest.ChangeRegistrationAsync(id, change, cancellationToken),
                    cancellationToken
                );
        if (parsed.GetValue(Patterns) is { } given)
            return await EndAsync(
                parsed,
                rest,
                await rest.ChangeRegistrationPatternsAsync(
                    given,
                    new RegistrationPatternsRequest(parsed.GetValue(Include) ?? [], parsed.GetValue(Exclude) ?? []),
                    cancellationToken
                ),
                cancellationToken
            );
        if (parsed.GetValue(Remove) is { } removed)
            return await RemoveAsync(parsed, rest, removed, cancellationToken);
        var request = new RegisterFolderRequest(
            parsed.GetValue(Folder)!,
            parsed.GetValue(Proposal)!,
            parsed.GetValue(Sequence),
            parsed.GetValue(Level),
            parsed.GetValue(Include),
            parsed.GetValue(Exclude)
        );
        if (!parsed.GetValue(DryRun))
            return await EndAsync(
                parsed,
                rest,
                await rest.RegisterFolderAsync(request, cancellationToken),
                cancellationToken
            );
        var preview = await rest.PreviewRegistrationAsync(request, cancellationToken);
        return Answer.Write(parsed, preview, HarimaJson.Default.RegistrationPreviewDto, Write);
    }

    static void Write(RegistrationPreviewDto preview)
    {
        Answer.Table(
            ["Sequence", "Folder", "Files", "Size", "State"],
            preview.Sequences.Select(sequence =>
                new[]
                {
                    sequence.SequenceId,
                    sequence.Folder.Length == 0 ? "." : sequence.Folder,
                    Number(sequence.Files),
                    Answer.Size(sequence.SizeBytes),
                    Word(sequence.State),
                }
            )
        );
        Console.Out.WriteLine(
            $"{(preview.IsWhole ? "" : "At least ")}{Number(preview.Files)} files, {Answer.Size(preview.SizeBytes)}, in {Number(preview.SequenceCount)} sequences; {Number(preview.ProblemCount)} that cannot be catalogued, {Number(preview.Excluded)} left out. Nothing was changed."
        );
        foreach (var problem in preview.Problems)
            Console.Out.WriteLine($"{Word(problem.Kind)}\t{Answer.Printable(problem.Path)}");
    }

    static async Task<int> ListAsync(ParseResult parsed, HarimaClient rest, CancellationToken cancellationToken)
    {
        var page = await rest.ListRegistrationsAsync(null, cancellationToken);
        return Answer.Write(
            parsed,
            page,
            HarimaJson.Default.PageDtoRegistrationDto,
            found =>
                Answer.Table(
                    ["Id", "Folder", "Proposal", "State", "Files", "Size", "Problems", "Without sums"],
                    found.Items.Select(tree =>
                        new[]
                        {
                            tree.Id,
                            tree.Path,
                            tree.ProposalId,
                            Word(tree.State),
                            Number(tree.FilesFound),
                            Answer.Size(tree.BytesFound),
                            Number(tree.Problems),
                            Number(tree.FilesWithoutSums),
                        }
                    )
                )
        );
    }

    static async Task<int> FindingsAsync(
        ParseResult parsed,
        HarimaClient rest,
        string id,
        CancellationToken cancellationToken
    )
    {
        var page = await rest.ListFindingsAsync(id, null, cancellationToken);
        var (all, next) = (page.Items.ToList(), page.Next);
        while (next is not null)
        {
            var more = await rest.ListFindingsAsync(id, next, cancellationToken);
            all.AddRange(more.Items);
            next = more.Next;
        }
        return Answer.Write(
            parsed,
            new PageDto<FindingDto>(all, null),
            HarimaJson.Default.PageDtoFindingDto,
            found =>
                Answer.Table(
                    ["Kind", "Path", "Size", "ETag"],
                    found.Items.Select(finding =>
                        new[]
                        {
                            Word(finding.Kind),
                            finding.Path,
                            finding.SizeBytes is { } size ? Answer.Size(size) : "",
                            finding.Etag ?? "",
                        }
                    )
                )
        );
    }

    static async Task<int> RemoveAsync(
        ParseResult parsed,
        HarimaClient rest,
        string id,
        CancellationToken cancellationToken
    )
    {
        var tree = await rest.RemoveRegistrationAsync(id, cancellationToken);
        while (parsed.GetValue(Wait) && tree.State == RegistrationWord.Removing)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            try
            {
                tree = await rest.GetRegistrationAsync(id, cancellationToken);
            }
            catch (RefusedException gone) when (gone.Problem.Status == 404)
            {
                break;
            }
        }
        Answer.Write(
            parsed,
            tree,
            HarimaJson.Default.RegistrationDto,
            now =>
                Console.Out.WriteLine(
                    $"{now.Id}\t{Word(now.State)}\t{now.Path}: its files leave the catalogue. Nothing on the storage is changed."
                )
        );
        return tree.State == RegistrationWord.Failed ? FaultToExitCode.NotTaken : FaultToExitCode.Done;
    }

    /// <summary>Writes where it stands, after it has ended where that was asked for.</summary>
    static async Task<int> EndAsync(
        ParseResult parsed,
        HarimaClient rest,
        RegistrationDto tree,
        CancellationToken cancellationToken
    )
    {
        while (parsed.GetValue(Wait) && tree.State == RegistrationWord.Running)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            tree = await rest.GetRegistrationAsync(tree.Id, cancellationToken);
            if (!Console.IsErrorRedirected)
                Console.Error.Write($"\r{Number(tree.FilesFound)} files, {Answer.Size(tree.BytesFound)} ");
        }
        if (parsed.GetValue(Wait) && !Console.IsErrorRedirected)
            Console.Error.WriteLine();
        Answer.Write(
            parsed,
            tree,
            HarimaJson.Default.RegistrationDto,
            now =>
                Console.Out.WriteLine(
                    $"{now.Id}\t{Word(now.State)}\t{Number(now.FilesFound)} files ({Number(now.FilesAdded)} added, {Number(now.FilesChanged)} changed, {Number(now.FilesRemoved)} removed, {Number(now.FilesKept)} kept), {Answer.Size(now.BytesFound)}, {Number(now.Problems)} problems{(now.Reason is null ? "" : ", " + now.Reason)}"
                )
        );
        return tree.State == RegistrationWord.Failed ? FaultToExitCode.NotTaken : FaultToExitCode.Done;
    }

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    static string Word<T>(T word)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(word.ToString());
}
