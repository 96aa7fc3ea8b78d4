import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;

/** Client does with a warehouse what tools that speak JDBC do, and prints a line for each. */
public class Client {
    public static void main(String[] args) throws SQLException {
        Properties how = new Properties();
        how.setProperty("user", args[1]);
        how.setProperty("password", System.getenv("PGPASSWORD"));
        how.setProperty("sslmode", "require");
        try (Connection c = DriverManager.getConnection(args[0], how)) {
            System.out.println("version " + c.getMetaData().getDatabaseProductVersion());
            print("schema", c.getMetaData().getSchemas(), 1);
            print("table", c.getMetaData().getTables(null, "public", "%", null), 3, 4);
            print("column", c.getMetaData().getColumns(null, "public", "events", null), 4, 6);
            print("key", c.getMetaData().getPrimaryKeys(null, "public", "events"), 4);
            try (PreparedStatement s = c.prepareStatement("SELECT '2026-07-01 23:30:00+00'::timestamptz::date")) {
                print("day", s.executeQuery(), 1); // the driver sends the machine's time zone
            }
            // A type that is not the column's, in a statement that runs often enough to be kept.
            try (PreparedStatement s = c.prepareStatement("SELECT name FROM public.events WHERE round = ?")) {
                for (int i = 0; i < 8; i++) {
                    s.setLong(1, 7);
                    print("named", s.executeQuery(), 1);
                }
            }
            c.setAutoCommit(false);
            try (PreparedStatement s = c.prepareStatement("SELECT round FROM public.events ORDER BY 1")) {
                s.setFetchSize(1); // a portal that is read in portions
                print("round", s.executeQuery(), 1);
            }
            c.commit();
            System.out.println("valid " + c.isValid(5));
        }
    }

    private static void print(String what, ResultSet rows, int... columns) throws SQLException {
        while (rows.next()) {
            StringBuilder line = new StringBuilder(what);
            for (int column : columns) {
                line.append(' ').append(rows.getString(column));
            }
            System.out.println(line);
        }
    }
}
