using System.CommandLine;
using System.Text;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Identity;

static class LoginCommand
{
    public static Command Build()
    {
        var url = new Argument<string>("url")
        {
            Description = "Address of the portal, such as https://data.example.jp",
        };
        var user = new Option<string?>("--user", "-u") { Description = "User id or e-mail; asked for where missing" };
        var token = new Option<string?>("--token")
        {
            Description = "A token made in the portal, instead of a password",
        };
        var stdin = new Option<bool>("--password-stdin") { Description = "Read the password from standard input" };
        var command = new Command("login", "Log in, and remember it on this computer") { url, user, token, stdin };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var address = parsed.GetValue(url)!;
                var given = parsed.GetValue(token);
                if (given is null)
                {
                    var name = parsed.GetValue(user) ?? Ask("User id or e-mail: ");
                    var password = parsed.GetValue(stdin) ? ReadAll() : AskSecret("Password: ");
                    using var nobody = Session.For(address, null);
                    var made = await nobody.Rest.LogInAsync(
                        new LoginRequest(name, password, "harima on " + Environment.MachineName),
                        cancellationToken
                    );
                    given = made.Token;
                }
                using var session = Session.For(address, given);
                var me = await session.Rest.GetMeAsync(cancellationToken);
                new SavedLogin(address, me.Id, given).Save();
                return Answer.Write(
                    parsed,
                    me,
                    HarimaJson.Default.MeDto,
                    found => Console.Out.WriteLine($"Logged in as {found.Id} ({found.Name}).")
                );
            }
        );
        return command;
    }

    static string ReadAll() => Console.In.ReadToEnd().TrimEnd('\r', '\n');

    static string Ask(string question)
    {
        RequireTerminal();
        Console.Error.Write(question);
        return Console.In.ReadLine()?.Trim() ?? "";
    }

    static string AskSecret(string question)
    {
        RequireTerminal();
        Console.Error.Write(question);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }

    static void RequireTerminal()
    {
        if (Console.IsInputRedirected)
            throw new UsageException("Nobody is there to be asked: give --user and --password-stdin, or --token.");
    }
}
