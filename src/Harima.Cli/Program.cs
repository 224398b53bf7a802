using System.CommandLine;
using Harima.Cli;
using Harima.Cli.Exchange;
using Harima.Cli.Extraction;
using Harima.Cli.Identity;
using Harima.Cli.Metadata;
using Harima.Cli.Output;
using Harima.Cli.Proposals;
using Harima.Cli.Registration;
using Harima.Cli.Samples;
using Harima.Cli.Search;
using Harima.Cli.Sequences;
using Harima.Cli.Transfers;

var root = Commands.Build();
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && !args.Any(argument => argument is "--help" or "-h" or "-?"))
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine("harima: " + error.Message);
    Console.Error.WriteLine("Try 'harima --help'.");
    return FaultToExitCode.Usage;
}
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception fault)
{
    // The edge of the process.
    var code = FaultToExitCode.Of(fault);
    FaultText.Write(fault, code, parsed.GetValue(Commands.Json));
    return code;
}

namespace Harima.Cli
{
    /// <summary>Every command; what each does stands in its own file.</summary>
    static class Commands
    {
        public static Option<bool> Json { get; } =
            new("--json") { Description = "Write the result as one JSON document", Recursive = true };

        /// <summary>The commands that the portal shows for copying name their server with it.</summary>
        public static Option<string?> Server { get; } =
            new("--server")
            {
                Description = "Address of the portal, instead of the one logged in at",
                HelpName = "URL",
                Recursive = true,
            };

        public static RootCommand Build()
        {
            var root = new RootCommand("Measured data of a Harima facility: find it, put it, get it, share it.");
            root.Add(Json);
            root.Add(Server);
            root.Add(LoginCommand.Build());
            root.Add(LogoutCommand.Build());
            root.Add(WhoAmICommand.Build());
            root.Add(FindCommand.Build());
            root.Add(ProposalsCommand.Build());
            root.Add(SequencesCommand.Build());
            root.Add(SequenceCommand.Build());
            root.Add(CreateCommand.Build());
            root.Add(ListCommand.Build());
            root.Add(PutCommand.Build());
            root.Add(GetCommand.Build());
            root.Add(ShareCommand.Build());
            root.Add(ExtractCommand.Build());
            root.Add(AcceptCommand.Build());
            root.Add(DismissCommand.Build());
            root.Add(ExportCommand.Build());
            root.Add(ImportCommand.Build());
            root.Add(SamplesCommand.Build());
            root.Add(MetadataCommand.Build());
            root.Add(TableCommand.Build());
            root.Add(EditCommand.Build());
            root.Add(LargeEditsCommand.Build());
            root.Add(SchemasCommand.Build());
            root.Add(KeysCommand.Build());
            root.Add(CredentialProcessCommand.Build());
            root.Add(RegisterCommand.Build());
            return root;
        }
    }
}
