using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Identity;

static class LogoutCommand
{
    public static Command Build()
    {
        var command = new Command("logout", "Revoke the token of this computer and forget it");
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                try
                {
                    await session.Rest.LogOutAsync(cancellationToken);
                }
                catch (RefusedException refused) when (refused.Problem.Status == 401)
                {
                    // Revoked elsewhere: what remains is to forget it.
                }
                SavedLogin.Forget();
                return Answer.Write(
                    parsed,
                    new OkDto(true),
                    CliJson.Default.OkDto,
                    _ => Console.Out.WriteLine("Logged out.")
                );
            }
        );
        return command;
    }
}

static class WhoAmICommand
{
    public static Command Build()
    {
        var command = new Command("whoami", "Who is logged in, and where");
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var me = await session.Rest.GetMeAsync(cancellationToken);
                return Answer.Write(
                    parsed,
                    me,
                    HarimaJson.Default.MeDto,
                    found =>
                        Console.Out.WriteLine(
                            $"{found.Id} ({found.Name}) at {session.Url}"
                                + (found.Administrator ? ", administrator" : "")
                        )
                );
            }
        );
        return command;
    }
}

static class KeysCommand
{
    public static Command Build() =>
        new("keys", "S3 access keys for aws, rclone, s3cmd and others") { BuildList(), BuildCreate(), BuildRevoke() };

    static Command BuildList()
    {
        var command = new Command("list", "Your access keys");
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
                Answer.Write(
                    parsed,
                    await session.Rest.ListAccessKeysAsync(cancellationToken),
                    HarimaJson.Default.ItemsDtoAccessKeyDto,
                    keys =>
                        Answer.Table(
                            ["Access key", "Made", "Last used", "For"],
                            keys.Items.Select(key =>
                                new[]
                                {
                                    key.Id,
                                    Answer.Time(key.CreatedAt),
                                    key.LastUsedAt is { } used ? Answer.Time(used) : "-",
                                    key.Description,
                                }
                            )
                        )
                )
        );
        return command;
    }

    static Command BuildCreate()
    {
        var description = new Option<string>("--description", "-d")
        {
            Description = "What it is for",
            DefaultValueFactory = _ => "",
        };
        var command = new Command("create", "Make an access key; its secret is shown this once") { description };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
                Answer.Write(
                    parsed,
                    await session.Rest.CreateAccessKeyAsync(parsed.GetValue(description)!, cancellationToken),
                    HarimaJson.Default.AccessKeyCreatedDto,
                    made =>
                    {
                        Console.Out.WriteLine($"Access key  {made.AccessKey}");
                        Console.Out.WriteLine($"Secret key  {made.SecretKey}");
                        Console.Out.WriteLine($"Endpoint    {made.Endpoint} (path style, region {made.Region})");
                    }
                )
        );
        return command;
    }

    static Command BuildRevoke()
    {
        var id = new Argument<string>("access-key");
        var command = new Command("revoke", "Take an access key back; it stops working at once") { id };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                await session.Rest.RevokeAccessKeyAsync(parsed.GetValue(id)!, cancellationToken);
                return Answer.Write(
                    parsed,
                    new OkDto(true),
                    CliJson.Default.OkDto,
                    _ => Console.Out.WriteLine($"{parsed.GetValue(id)} is revoked.")
                );
            }
        );
        return command;
    }
}

static class CredentialProcessCommand
{
    public static Command Build()
    {
        var write = new Option<bool>("--read-only") { Description = "Credentials that cannot write" };
        var command = new Command(
            "credential-process",
            "Short-lived S3 credentials in the form of the AWS tools' credential_process"
        )
        {
            write,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var made = await session.Rest.CreateSessionCredentialsAsync(
                    new SessionCredentialsRequest(Write: !parsed.GetValue(write)),
                    cancellationToken
                );
                var answer = new ProcessCredentialsDto(
                    1,
                    made.AccessKey,
                    made.SecretKey,
                    made.SessionToken,
                    made.ExpiresAt
                );
                Console.Out.WriteLine(
                    System.Text.Json.JsonSerializer.Serialize(answer, CliJson.Default.ProcessCredentialsDto)
                );
                return FaultToExitCode.Done;
            }
        );
        return command;
    }
}
